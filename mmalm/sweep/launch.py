"""What tools/sweep.py does, each of its ways one function; each returns an exit code."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from ..engine.lock import locked
from ..engine.setup import NEEDED
from ..errors import ConfigError
from ..validation import check
from .display import Display
from .folder import as_text, last_lines, prepare, reason
from .grid import Grid, make_grid
from .options import parse_options
from .process import Process, stop
from .report import choose_metric
from .runner import Sweep
from .state import CONFIG, LOG, State, standing
from .table import tables


def read_grid(configs: Sequence[str], seeds: Sequence[int], options: Sequence[str], metric: str | None = None) -> Grid:
    """The grid of a command line, the config of every row checked as a run checks its own, and that it gives the metric, if named.

    Raises:
        MmalmError: what is wrong with any of them, before anything has run.
    """
    grid = make_grid(configs, seeds, parse_options(options))
    faults: dict[str, list[str]] = {}
    for row in grid.rows:
        config = grid.cells_of(row)[0].config
        try:
            check(config, NEEDED, metric)
            as_text(config)
        except ConfigError as error:
            faults.setdefault(str(error), []).append(row.label)
    if faults:
        raise ConfigError('\n'.join(f'{", ".join(labels)}: {message}' for message, labels in faults.items()))
    return grid


def launch(
    grid: Grid,
    work_dir: Path,
    train: Sequence[str],
    test: Sequence[str] | None = None,
    metric: str | None = None,
    jobs: int = 1,
    retry_failed: bool = False,
    go_on: str = '',
    console: Console | None = None,
) -> int:
    """Run a sweep and print its tables.

    Args:
        grid, work_dir, train, test, jobs, retry_failed: as in :class:`~mmalm.sweep.runner.Sweep`.
        metric: the score that is compared; what every config chooses its best checkpoint by, where None.
        go_on: the command that goes on where this one was stopped.
        console: where to print.

    Returns:
        0, or 1 where a cell has no score.
    """
    display = Display(console)
    metric = choose_metric(grid, metric)
    with locked(work_dir):
        sweep = Sweep(grid, work_dir, train, metric, test, jobs, retry_failed, display)
        try:
            content = sweep.run()
        except KeyboardInterrupt:
            done = sum(found.state == State.FINISHED for found in sweep.standings.values())
            display.say(
                f'\n{done} of {len(grid.cells)} cells are finished. The same command goes on from here:\n  {go_on}'
            )
            raise
    for table in tables(content):
        display.console.print(table.rich())
    for note in content['notes']:
        display.say(note)
    display.say(f'{work_dir}: sweep.md, sweep.json, sweep.png, sweep.svg')
    return 1 if any(row['scores'].get(metric, {'n': 0})['n'] < len(grid.seeds) for row in content['summary']) else 0


def list_cells(grid: Grid, work_dir: Path, testing: bool = False, console: Console | None = None) -> int:
    """Name every cell with its state; nothing runs and nothing is written."""
    display = Display(console)
    counts: dict[State, int] = {}
    for cell in grid.cells:
        found = standing(work_dir / cell.name, cell.config, testing)
        counts[found.state] = counts.get(found.state, 0) + 1
        display.say(f'{found.state:<10} {work_dir / cell.name}' + (f'  ({found.why})' if found.why else ''))
    display.say(f'{len(grid.cells)} cells: ' + ', '.join(f'{count} {state}' for state, count in counts.items()))
    return 0


def run_dry(grid: Grid, train: Sequence[str], console: Console | None = None) -> int:
    """Every row once, with its first seed, through ``--dry-run``: same parts and wiring, tiny and on made-up data.

    Returns:
        0, or 1 where a row failed.
    """
    display, failed = Display(console), []
    with tempfile.TemporaryDirectory(prefix='mmalm-sweep-') as temporary:
        for number, row in enumerate(grid.rows):
            folder = Path(temporary) / str(number)
            prepare(folder, grid.cells_of(row)[0].config)
            process = Process([*train, str(folder / CONFIG), '--dry-run'], folder / LOG, {})
            try:
                while not process.wait(1.0):
                    pass
            except BaseException:
                stop([process])
                raise
            code = process.code()
            if code:
                failed.append(row.label)
            lines = last_lines(folder / LOG)
            display.say(
                f'[{number + 1}/{len(grid.rows)}] {row.label}: ' + (reason(code, lines) if code else 'runs dry')
            )
    display.say(f'{len(grid.rows) - len(failed)} of {len(grid.rows)} rows run dry.')
    return 1 if failed else 0
