"""The last and the best checkpoint of a run."""

import time
from pathlib import Path
from typing import Any

import torch
from mmengine.hooks import Hook

from mmalm.errors import ConfigError, TrainingError, closest
from mmalm.registry import HOOKS
from mmalm.tuning.whitelist import trained_state

from ...atomic import full_disk
from .. import distributed
from ..checkpoint import save_checkpoint
from ..randomness import random_state
from ..shelf import link, prune
from ..soundness import refuse_unsound_weights
from ..training_state import save_training_state

RULES = {'greater': lambda new, old: new > old, 'less': lambda new, old: new < old}
# the newest may turn out damaged; then the run goes on from the one before
RESUMABLE = 2


@HOOKS.register_module()
class CheckpointHook(Hook):
    """Saves ``checkpoints/epoch_NNN`` after an epoch and ``checkpoints/step_NNNNNN`` within one; links ``last`` and ``best``.

    The newest two checkpoints, of either kind, keep the state to resume from. Within an epoch a checkpoint is saved once the
    optimizer has stepped, so that no accumulated gradient is lost; after an epoch once it is scored.

    Args:
        best: name of the validation score that chooses the best checkpoint; None links no best.
        rule: ``'greater'`` or ``'less'``, which score is better. Of equal scores the earlier is kept.
        interval: epochs between checkpoints; an epoch that is the best, or the last, is always saved.
        max_keep: newest epochs' checkpoints kept beside the best.
        interval_steps: steps between checkpoints within an epoch; None saves none by steps.
        interval_minutes: minutes after which a checkpoint is saved within an epoch; None saves none by time.
    """

    priority = 'VERY_LOW'

    def __init__(
        self,
        best: str | None = None,
        rule: str = 'greater',
        interval: int = 1,
        max_keep: int = 1,
        interval_steps: int | None = None,
        interval_minutes: float | None = None,
    ):
        if rule not in RULES:
            raise ConfigError(
                f"CheckpointHook: rule={rule!r}; choose 'greater' or 'less'. {closest(rule, RULES)}".rstrip()
            )
        if interval < 1 or max_keep < 1:
            raise ConfigError(f'CheckpointHook: interval={interval} and max_keep={max_keep} must be 1 or more.')
        if interval_steps is not None and (not isinstance(interval_steps, int) or interval_steps < 1):
            raise ConfigError(f'CheckpointHook: interval_steps={interval_steps!r} must be a whole number from 1 on.')
        if interval_minutes is not None and not interval_minutes > 0:
            raise ConfigError(f'CheckpointHook: interval_minutes={interval_minutes!r} must be above 0.')
        self.best, self.rule, self.interval, self.max_keep = best, rule, interval, max_keep
        self.interval_steps, self.interval_minutes = interval_steps, interval_minutes
        self.best_score: float | None = None
        self.best_epoch: int | None = None
        self.kept: list[str] = []
        self._seen_step, self._saved_at = 0, time.monotonic()

    def state(self) -> dict[str, Any]:
        """What resuming needs of this hook, as JSON values."""
        return {'best_score': self.best_score, 'best_epoch': self.best_epoch, 'kept': self.kept}

    def load_state(self, state: dict[str, Any]) -> None:
        self.best_score, self.best_epoch = state['best_score'], state['best_epoch']
        self.kept = list(state['kept'])

    def after_load_state(self, runner: Any) -> None:
        """Finish what a kill left undone between saving and pruning."""
        if distributed.is_main() and self.kept:
            self._tidy(self._folder(runner))

    def before_train(self, runner: Any) -> None:
        self._seen_step, self._saved_at = runner.iter, time.monotonic()

    def after_step(self, runner: Any) -> None:
        """Save within an epoch, where it is due."""
        if self._is_due(runner.iter):
            refuse_unsound_weights(runner)
            self._save(runner, f'step_{runner.iter:06d}', None)

    def after_epoch(self, runner: Any, metrics: dict[str, float] | None = None) -> None:
        """Save, link and prune."""
        improved = metrics is not None and self._improved(metrics)
        if improved:
            self.best_score, self.best_epoch = metrics[self.best], runner.epoch
        if improved or runner.epoch % self.interval == 0 or runner.train_loop.finished:
            self._save(runner, f'epoch_{runner.epoch:03d}', metrics)

    def after_non_finite(self, runner: Any) -> None:
        """Save the weights as they were before the bad step, if they are sound."""
        if all(torch.isfinite(t).all() for t in trained_state(runner.model.module).values()):
            folder = self._folder(runner) / 'before_stop'
            try:
                self._write(runner, folder, None, None)
                runner.before_stop = folder
            except TrainingError as error:
                runner.say(str(error))  # what stopped the run is still to be told

    def _is_due(self, step: int) -> bool:
        by_steps = self.interval_steps and step // self.interval_steps > self._seen_step // self.interval_steps
        self._seen_step = step
        if by_steps or self.interval_minutes is None:
            return bool(by_steps)
        # clocks differ: one process decides for all
        return distributed.broadcast(time.monotonic() - self._saved_at >= 60 * self.interval_minutes)

    def _save(self, runner: Any, name: str, metrics: dict[str, float] | None) -> None:
        folder = self._folder(runner)
        self.kept = [kept for kept in self.kept if kept != name] + [name]
        randomness = distributed.gather(random_state())

        def training_state(temporary: Path) -> None:
            save_training_state(
                temporary, runner.model.module, runner.optim_wrapper, runner.schedulers, runner.position(), randomness
            )

        self._write(runner, folder / name, metrics, training_state)
        if distributed.is_main():
            self._tidy(folder)
        runner.last_good = folder / name
        self._saved_at = time.monotonic()

    def _write(self, runner: Any, folder: Path, metrics: Any, also: Any) -> None:
        if not distributed.is_main():
            return
        try:
            save_checkpoint(
                folder,
                runner.model.module,
                config=runner.cfg,
                epoch=runner.epoch,
                step=runner.iter,
                metrics=metrics,
                also=also,
            )
        except Exception as error:
            if not full_disk(error) and not isinstance(error, OSError):
                raise
            left = f'{runner.last_good} is whole' if runner.last_good else 'nothing was saved before'
            raise TrainingError(
                f'Training stopped after step {runner.iter:,}: {folder} could not be saved: {error}.\n'
                f'Nothing half-made is left; {left}. '
                + ('Make room' if full_disk(error) else 'See that the folder can be written to')
                + ', then go on with --resume.'
            ) from error

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

    def _tidy(self, folder: Path) -> None:
        best = f'epoch_{self.best_epoch:03d}' if self.best_epoch is not None else None
        link(folder, 'last', self.kept[-1])
        link(folder, 'best', best)
        resumable = self.kept[-RESUMABLE:]
        epochs = [name for name in self.kept if name.startswith('epoch')]
        stay = {best, *epochs[-self.max_keep :], *resumable}
        prune(folder, stay, resumable)
        self.kept = [name for name in self.kept if name in stay]
