"""Running the cells of a sweep: what is finished is passed over, what is half done goes on."""

import shlex
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..atomic import write_json, write_text
from ..engine.hooks.progress_hook import duration
from ..errors import MmalmError
from .devices import environment
from .display import Display
from .folder import last_lines, mean_seconds, note_failure, prepare, set_aside
from .grid import Cell, Grid
from .process import Process, stop
from .report import collect
from .state import CONFIG, FAILURE, LOG, TEST, Standing, State, standing
from .table import number, tables

POLL = 0.1  # seconds between looks at what runs


@dataclass
class Job:
    """A cell that runs: its stage, process and place among those that run beside it."""

    cell: Cell
    stage: str
    process: Process
    slot: int


class Sweep:
    """All runs of a grid below one folder.

    Args:
        grid: what to run.
        work_dir: the sweep's folder.
        train: command that trains, as ``[python, tools/train.py]``; called with CONFIG, --work-dir and, to go on, --resume.
        test: command that scores the test split, called with CONFIG, CHECKPOINT and --out; None leaves it unlooked at.
        metric: the score that is compared.
        jobs: runs at a time.
        retry_failed: run failed cells again.
        display: the terminal.
    """

    def __init__(
        self,
        grid: Grid,
        work_dir: Path,
        train: Sequence[str],
        metric: str,
        test: Sequence[str] | None = None,
        jobs: int = 1,
        retry_failed: bool = False,
        display: Display | None = None,
    ):
        if jobs < 1:
            raise MmalmError(f'--jobs {jobs} must be 1 or more.')
        self.grid, self.work_dir, self.metric, self.jobs = grid, work_dir.absolute(), metric, jobs
        self.commands = {'train': train, 'test': test}
        self.split = 'val' if test is None else 'test'
        self.retry_failed = retry_failed
        self.display = display or Display()
        self.standings = {cell.name: self._look(cell) for cell in grid.cells}
        self.times: list[float] = []
        self.done = 0

    def run(self) -> dict[str, Any]:
        """Run what is to be run, and report after every cell; returns what sweep.json holds.

        Raises:
            KeyboardInterrupt: Ctrl-C; the runs were stopped as by Ctrl-C themselves, and their folders can be gone on with.
        """
        queue = deque((cell, stage) for cell in self.grid.cells if (stage := self._to_do(cell)) is not None)
        self.done = passed = len(self.grid.cells) - len(queue)
        if passed:
            self.display.say(f'{passed} of {len(self.grid.cells)} cells are passed over: {self._counts()}')
        running: list[Job] = []
        with self.display.live(len(self.grid.cells), passed):
            try:
                content = self.report()
                while queue or running:
                    while queue and len(running) < self.jobs:
                        slot = min(set(range(self.jobs)) - {job.slot for job in running})
                        running.append(self._start(*queue.popleft(), slot))
                    self._show(len(queue), running)
                    time.sleep(POLL)
                    for job in [job for job in running if job.process.code() is not None]:
                        running.remove(job)
                        following = self._end(job)
                        if following is not None:
                            running.append(following)
                        else:
                            content = self.report()
            except BaseException:
                stop([job.process for job in running])
                raise
        return content

    def report(self) -> dict[str, Any]:
        """Write sweep.json, sweep.md, sweep.png and sweep.svg from what the folders hold."""
        # matplotlib takes a second to import
        from . import plot

        content = collect(self.grid, self.standings, self.work_dir, self.metric, self.split)
        write_json(self.work_dir / 'sweep.json', content)
        notes = [f'\n{note}\n' for note in content['notes']]
        text = '\n'.join([*(table.markdown() for table in tables(content)), *notes])
        write_text(self.work_dir / 'sweep.md', text)
        plot.save(content, self.work_dir / 'sweep')
        self.display.table(content)
        return content

    def _look(self, cell: Cell) -> Standing:
        return standing(self.work_dir / cell.name, cell.config, testing=self.commands['test'] is not None)

    def _to_do(self, cell: Cell) -> str | None:
        found = self.standings[cell.name]
        if found.state == State.FAILED and not self.retry_failed:
            return None
        if found.results is None:
            return 'train'
        return 'test' if self.commands['test'] is not None and found.test is None else None

    def _start(self, cell: Cell, stage: str, slot: int) -> Job:
        folder = self.work_dir / cell.name
        found = self.standings[cell.name]
        command = [*self.commands[stage], str(folder / CONFIG)]
        if stage == 'train':
            if found.state == State.STALE:
                aside = set_aside(folder)
                self.display.say(f'{self._label(cell)}: stale, {found.why}. Kept as {aside}; runs anew.')
            prepare(folder, cell.config)
            command += ['--work-dir', str(folder)]
            if any((folder / 'checkpoints').glob('*')):
                command.append('--resume')
        else:
            (folder / FAILURE).unlink(missing_ok=True)
            name = (found.results.get('checkpoint') or {}).get('name', 'best')
            command += [str(folder / 'checkpoints' / name), '--out', str(folder / TEST)]
        with open(folder / LOG, 'a', encoding='utf-8') as log:
            log.write(f'\n$ {shlex.join(command)}\n')
        return Job(cell, stage, Process(command, folder / LOG, environment(slot, self.jobs)), slot)

    def _end(self, job: Job) -> Job | None:
        """Note what became of a run; the same cell's next run where there is one."""
        folder, code = self.work_dir / job.cell.name, job.process.code()
        seconds = job.process.seconds
        self.standings[job.cell.name] = found = self._look(job.cell)
        wanted = found.results if job.stage == 'train' else found.test
        # a run that wrote its results is whole, however its process ended
        if wanted is None:
            note_failure(folder, job.stage, code, seconds)
            self.standings[job.cell.name] = found = self._look(job.cell)
        else:
            self.times.append(seconds)
            if (stage := self._to_do(job.cell)) is not None:
                return self._start(job.cell, stage, job.slot)
        scores = (((found.test if self.split == 'test' else found.results) or {}).get('metrics') or {}).get(
            self.split, {}
        )
        what = f'{self.metric} {number(scores.get(self.metric))}' if found.state == State.FINISHED else found.why
        self.done += 1
        self.display.say(
            f'[{self.done}/{len(self.grid.cells)}] {self._label(job.cell)}: {found.state}, {what}, {duration(seconds)}'
        )
        return None

    def _show(self, waiting: int, running: Sequence[Job]) -> None:
        taken = sum(self.times) / len(self.times) if self.times else None
        if taken is None:
            taken = mean_seconds([found.results for found in self.standings.values() if found.results is not None])
        left = None
        if taken is not None:
            begun = sum(max(0.0, taken - job.process.seconds) for job in running)
            left = (waiting * taken + begun) / self.jobs
        lines = [
            f'{self._label(job.cell)}  {job.stage} {duration(job.process.seconds)}  {"".join(last_lines(job.process.log, 1))}'
            for job in running
        ]
        self.display.update(self.done, lines, left)

    def _label(self, cell: Cell) -> str:
        return f'{cell.row.label} seed {cell.seed}'

    def _counts(self) -> str:
        states = [found.state for found in self.standings.values() if found.state in (State.FINISHED, State.FAILED)]
        return ', '.join(f'{states.count(state)} {state}' for state in dict.fromkeys(states))
