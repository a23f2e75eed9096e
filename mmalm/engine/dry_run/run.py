"""A dry run from end to end."""

import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from torch import nn

from mmalm.datasets.building import build_dataset
from mmalm.validation import check

from ..checkpoint import WEIGHTS, read_tensors
from ..modalities import drawn, plans_of, preprocessing_of
from ..score import score_checkpoint
from ..train import build_model, train
from .describe import changes, part_at
from .offline import no_network
from .presence import Presence, look
from .same import check_same
from .shrink import LARGEST_DATASET, adapted, as_config, as_plain, components, has_shrink, in_two_steps, shrunk
from .stages import DryRunError, Stages

NEEDED = ('model', 'train_dataloader', 'train_cfg', 'optim_wrapper')
OWN = ('mmalm.', 'mmengine.', 'torch.')  # whose components need no hint
AFTER_ONE_STEP = 'epoch_001'  # an epoch is one step here
LARGE = 20_000_000  # parameters that are no miniature


def dry_run(
    config: Config,
    work_dir: str | Path | None = None,
    say: Callable[[str], None] = lambda line: print(line, flush=True),
) -> dict[str, Any]:
    """Run a config's own components and wiring at tiny widths: two steps, validation, checkpoint, resuming, test scores.

    The real model is built on the meta device, which checks ``expect_trainable``; the one that runs has random weights and
    made-up data. No network, weights or data are needed, and nothing is written but in one folder.

    Args:
        config: as :func:`mmalm.config.load_config` gives it.
        work_dir: the folder; a temporary one that is removed afterwards where None.
        say: prints a line.

    Returns:
        ``config``, ``stages`` (name, seconds, what was found), ``shrunk`` (path, what was and is), ``same`` (what was compared),
        ``present`` (which weights and data are on this machine), ``seconds``.

    Raises:
        DryRunError: the config would not run; the message says at what, and why.
    """
    name = Path(config.filename).name if config.filename else 'the config'
    folder = Path(work_dir) if work_dir is not None else Path(tempfile.mkdtemp(prefix='mmalm_dry_run_'))
    folder.mkdir(parents=True, exist_ok=True)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # at these widths several wait for each other for longer than they work
    try:
        return _DryRun(config, name, folder.absolute(), say).run()
    finally:
        torch.set_num_threads(threads)
        if work_dir is None:
            shutil.rmtree(folder, ignore_errors=True)


class _DryRun:
    """The stages of one dry run, and what passes from one to the next."""

    def __init__(self, config: Config, name: str, folder: Path, say: Callable[[str], None]):
        self.config, self.name, self.folder, self.say = config, name, folder, say
        self.stages = Stages(name, folder / 'dry_run.log', say, self._hint)

    def run(self) -> dict[str, Any]:
        started = time.perf_counter()
        self.say(
            f'Dry run of {self.name}: its own classes and wiring, tiny widths, made-up data. Weights and data not looked at.\n'
        )
        with no_network():
            self._build()
            self._settings()
            self._train()
            self._score()
        seconds = time.perf_counter() - started
        changed = changes(self.stated, self.real, self.small, (self.real_model, self.small_model), self.counts)
        present = look(self.stated)
        self._tell(changed, present, seconds)
        return {
            'config': self.name,
            'stages': [vars(stage) for stage in self.stages.done],
            'shrunk': changed,
            'same': self.same,
            'present': [vars(p) for p in present],
            'seconds': seconds,
        }

    def _build(self) -> None:
        with self.stages.stage('the real model, without weights') as stage:
            self.stated = as_plain(self.config)
            self.real = adapted(self.stated)
            checked = check(as_config(self.real, self.config.filename), NEEDED)
            if checked.model is None:  # its architecture is neither shipped nor on this machine
                raise checked.absent[0]
            self.real_model = checked.model
            table = getattr(self.real_model, 'trainable_table', None)
            if table is not None:
                expected = self.real['model'].get('expect_trainable')
                as_expected = '' if expected is None else ', as expected'
                stage.found = f'{table.trainable:,} of {table.total:,} parameters train{as_expected}'
        if table is not None:
            self.say(f'\n{table.text()}\n')
        if plans := plans_of(self.real_model):
            self.say(f'{drawn(plans)}\n')
        with self.stages.stage('the same in miniature') as stage:
            self.small = shrunk(self.real, self.folder)
            self.small_model = build_model(self.small, self.small.get('seed', 0))
            total = sum(p.numel() for p in self.small_model.parameters())
            stage.found = f'{total:,} parameters'
        with self.stages.stage('nothing but widths differs') as stage:
            self.same = check_same(self.real, self.small, self.real_model, self.small_model)
            plan = 'schedule, ' if self.same['plan'] else ''
            stage.found = (
                f'{len(self.same["components"])} components, {self.same["modules"]:,} modules, {plan}'
                f'{len(self.same["patterns"])} trainable patterns'
            )

    def _settings(self) -> None:
        with self.stages.stage('data') as stage:
            self.counts: dict[str, int] = {}

            def count(key: str) -> int:
                dataset = build_dataset(
                    self.small[key]['dataset'], f'{key}.dataset', preprocessing_of(self.small_model)
                )
                self.counts[key] = len(dataset)
                if len(dataset) > LARGEST_DATASET:
                    raise DryRunError(
                        f'{key}.dataset has {len(dataset):,} samples; a dry run needs a few. Give '
                        f'{type(dataset).__name__} a class method `shrink` that makes some up; see docs/dry_run.md.'
                    )
                return len(dataset)

            in_two_steps(self.small, count)
            stage.found = ', '.join(f'{n} {key.removesuffix("_dataloader")}' for key, n in self.counts.items())

    def _train(self) -> None:
        whole, again = self.folder / 'whole', self.folder / 'resumed'
        validated = ', validation' if self.small.get('val_dataloader') else ''
        with self.stages.stage(f'two steps{validated}, checkpoint') as stage:
            results = train(self._as_config(), whole)
            stage.found = ', '.join(f'{k} {v:.3g}' for k, v in list(_scores(results).items())[:2])
        saved = whole / 'checkpoints'
        if not ((saved / AFTER_ONE_STEP).exists() and (saved / 'last').exists()):
            self.say('No checkpoint was saved after an epoch (default_hooks.checkpoint): nothing to resume and score.')
            return
        with self.stages.stage('resumed after the first step') as stage:
            resumed = train(self._as_config(), again, resume=saved / AFTER_ONE_STEP)
            self._compare(saved / 'last', again / 'checkpoints' / 'last', _scores(results), _scores(resumed))
            stage.found = 'same weights and scores as without'

    def _score(self) -> None:
        checkpoint = self.folder / 'whole' / 'checkpoints' / 'last'
        if not self.small.get('test_dataloader') or not checkpoint.exists():
            return
        with self.stages.stage('test scores of the checkpoint') as stage:
            scores = score_checkpoint(self._as_config(), checkpoint, self.folder / 'test.json')
            stage.found = f'{scores["samples"]} samples'

    def _compare(self, one: Path, other: Path, scores: Mapping[str, float], again: Mapping[str, float]) -> None:
        weights, resumed = (read_tensors(folder / WEIGHTS) for folder in (one, other))
        # on a GPU kernels may add in another order
        same = torch.equal if not torch.cuda.is_available() else torch.allclose
        apart = [name for name in weights if name not in resumed or not same(weights[name], resumed[name])]
        if apart or weights.keys() != resumed.keys():
            raise DryRunError(
                f'The resumed run ended in other weights than the one that was not stopped: {len(apart)} of {len(weights)} '
                f'tensors, {", ".join(apart[:3])} among them. A component draws random numbers, or keeps a state, that a '
                'checkpoint does not know.'
            )
        if same is torch.equal and scores != again:
            raise DryRunError(
                f'The resumed run has the same weights and other scores: {dict(again)}, not {dict(scores)}.'
            )

    def _as_config(self) -> Config:
        return as_config(self.small, self.config.filename)

    def _hint(self) -> str:
        if not hasattr(self, 'real'):
            return ''
        others = [
            f'{node.path} ({node.component.__name__})'
            for node in components(self.real)
            if node.component is not None and not has_shrink(node) and not node.component.__module__.startswith(OWN)
        ]
        if not others:
            return ''
        return (
            f'Used as they are, having no `shrink`: {", ".join(others)}. One that loads weights or reads data needs the class '
            'method `shrink`; see docs/dry_run.md.'
        )

    def _tell(self, changed: list[tuple[str, str]], present: list[Presence], seconds: float) -> None:
        self.say('\nShrunk for this run:')
        width = max((len(path) for path, _ in changed), default=0)
        for path, what in changed:
            self.say(f'  {path:<{width}}  {what}')
        for path, count in self._large():
            self.say(f'  {path} is used as it is, with {count:,} parameters: give it `shrink`, see docs/dry_run.md.')
        named = ' On this machine:' if present else ' The config names none.'
        self.say(f'\nNot looked at: the weights and the data themselves.{named}')
        for p in present:
            self.say(
                f'  {"here   " if p.here else "MISSING"}  {p.path} = {p.name}' + (f'  ({p.remark})' if p.remark else '')
            )
        self.say(f'\nThe dry run of {self.name} is OK: {seconds:.1f} s.')

    def _large(self) -> list[tuple[str, int]]:
        found = []
        for node in components(self.real):
            part = part_at(self.small_model, node.path)
            if node.path.startswith('model.') and not has_shrink(node) and isinstance(part, nn.Module):
                count = sum(p.numel() for p in part.parameters())
                if count > LARGE:
                    found.append((node.path, count))
        return found


def _scores(results: Mapping[str, Any]) -> dict[str, float]:
    return dict((results.get('metrics') or {}).get('val') or {})
