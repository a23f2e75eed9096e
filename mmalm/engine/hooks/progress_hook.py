"""Progress on the terminal: one line every few steps, one a validation."""

import time
from typing import Annotated, Any

from annotated_types import Ge
from mmengine.hooks import Hook

from mmalm.registry import HOOKS

from .scalars import window_scalars


def duration(seconds: float) -> str:
    """``1:02:03`` or ``2:03``."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f'{hours}:{minutes:02d}:{seconds:02d}' if hours else f'{minutes}:{seconds:02d}'


@HOOKS.register_module()
class ProgressHook(Hook):
    """Prints how far training is, and how long it will take.

    The time left counts validations at the pace of those so far.

    Args:
        interval: steps between lines.
    """

    priority = 'LOW'

    def __init__(self, interval: Annotated[int, Ge(1)] = 20):
        self.interval = interval
        self.started = 0.0
        self.start_iter = 0

    def before_train(self, runner: Any) -> None:
        self.started, self.start_iter = time.perf_counter(), runner.iter

    def after_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None) -> None:
        step = runner.iter + 1
        if step % self.interval and step != runner.max_iters:
            return
        done = step - self.start_iter
        scalars = window_scalars(runner, min(self.interval, done))
        left = (time.perf_counter() - self.started) / done * (runner.max_iters - step)
        pace = f'{scalars["time"]:.2f} s/step  ' if 'time' in scalars else ''
        runner.say(
            f'epoch {runner.epoch + 1}/{runner.max_epochs}  step {step:,}/{runner.max_iters:,}  '
            f'loss {scalars["loss"]:.4f}  lr {scalars["lr"]:.2e}  {pace}{duration(left)} left'
        )

    def after_val_epoch(self, runner: Any, metrics: dict[str, float] | None = None) -> None:
        metrics = metrics or {}
        # the parts stand in the log and in the table at the end
        shown = [name for name in metrics if name.endswith('overall')] or list(metrics)
        scores = '  '.join(f'{name} {metrics[name]:.4f}' for name in shown)
        runner.say(f'epoch {runner.epoch}/{runner.max_epochs}  validation  {scores}')
