"""The last and the best checkpoint of a run."""

import shutil
from pathlib import Path
from typing import Any

import torch
from mmengine.hooks import Hook

from mmalm.errors import ConfigError, closest
from mmalm.registry import HOOKS
from mmalm.tuning.whitelist import trained_state

from ...atomic import point
from ..checkpoint import save_checkpoint
from ..training_state import TENSORS, VALUES, save_training_state

RULES = {'greater': lambda new, old: new > old, 'less': lambda new, old: new < old}


@HOOKS.register_module()
class CheckpointHook(Hook):
    """Saves ``checkpoints/epoch_NNN`` after every epoch; links ``checkpoints/last`` and ``checkpoints/best``.

    The newest checkpoint alone keeps the state to resume from.

    Args:
        best: name of the validation score that chooses the best checkpoint; None links no best.
        rule: ``'greater'`` or ``'less'``, which score is better. Of equal scores the earlier is kept.
        interval: epochs between checkpoints; an epoch that is the best, or the last, is always saved.
        max_keep: newest checkpoints kept beside the best.
    """

    priority = 'VERY_LOW'

    def __init__(self, best: str | None = None, rule: str = 'greater', interval: int = 1, max_keep: int = 1):
        if rule not in RULES:
            raise ConfigError(
                f"CheckpointHook: rule={rule!r}; choose 'greater' or 'less'. {closest(rule, RULES)}".rstrip()
            )
        if interval < 1 or max_keep < 1:
            raise ConfigError(f'CheckpointHook: interval={interval} and max_keep={max_keep} must be 1 or more.')
        self.best, self.rule, self.interval, self.max_keep = best, rule, interval, max_keep
        self.best_score: float | None = None
        self.best_epoch: int | None = None
        self.kept: list[str] = []

    def state(self) -> dict[str, Any]:
        """What resuming needs of this hook, as JSON values."""
        return {'best_score': self.best_score, 'best_epoch': self.best_epoch, 'kept': self.kept}

    def load_state(self, state: dict[str, Any]) -> None:
        self.best_score, self.best_epoch = state['best_score'], state['best_epoch']
        self.kept = list(state['kept'])

    def after_epoch(self, runner: Any, metrics: dict[str, float] | None = None) -> None:
        """Save, link and prune."""
        improved = metrics is not None and self._improved(metrics)
        if improved:
            self.best_score, self.best_epoch = metrics[self.best], runner.epoch
        if not (improved or runner.epoch % self.interval == 0 or runner.epoch == runner.max_epochs):
            return
        folder = self._folder(runner) / f'epoch_{runner.epoch:03d}'
        self.kept = [name for name in self.kept if name != folder.name] + [folder.name]

        def training_state(temporary: Path) -> None:
            position = {**runner.position(), 'checkpoint_hook': self.state()}
            save_training_state(temporary, runner.model.module, runner.optim_wrapper, runner.schedulers, position)

        self._save(runner, folder, metrics, training_state)
        point(folder.parent / 'last', folder)
        if improved:
            point(folder.parent / 'best', folder)
        runner.last_good = folder
        self._prune(folder)

    def after_non_finite(self, runner: Any) -> None:
        """Save the weights as they were before the bad step, if they are sound."""
        if not all(torch.isfinite(t).all() for t in trained_state(runner.model.module).values()):
            return
        runner.before_stop = self._save(runner, self._folder(runner) / 'before_stop', None, None)

    def _save(self, runner: Any, folder: Path, metrics: Any, also: Any) -> Path:
        module, step = runner.model.module, runner.iter
        return save_checkpoint(
            folder, module, config=runner.cfg, epoch=runner.epoch, step=step, metrics=metrics, also=also
        )

    def _folder(self, runner: Any) -> Path:
        return Path(runner.work_dir) / 'checkpoints'

    def _improved(self, metrics: dict[str, float]) -> bool:
        if self.best is None:
            return False
        if self.best not in metrics:
            raise ConfigError(
                f'CheckpointHook: no validation score {self.best!r}. {closest(self.best, metrics)} '
                f'Scores: {", ".join(metrics)}.'
            )
        return self.best_score is None or RULES[self.rule](metrics[self.best], self.best_score)

    def _prune(self, newest: Path) -> None:
        best = f'epoch_{self.best_epoch:03d}' if self.best_epoch is not None else None
        stay = {best, *self.kept[-self.max_keep :]}
        for name in self.kept:
            folder = newest.parent / name
            if name not in stay:
                shutil.rmtree(folder, ignore_errors=True)
            elif folder != newest:
                for file in (VALUES, TENSORS):
                    (folder / file).unlink(missing_ok=True)
        self.kept = [name for name in self.kept if name in stay]
