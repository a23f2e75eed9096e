"""The record of a run: JSON lines, and whatever backends the visualizer has (TensorBoard by default)."""

import json
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Ge
from mmengine.hooks import Hook

from mmalm.registry import HOOKS

from .. import distributed
from .scalars import window_scalars


@HOOKS.register_module()
class RecordHook(Hook):
    """Writes training and validation scalars to ``<log folder>/log.jsonl`` and to the visualizer's backends.

    Every line has ``step``, ``epoch`` and ``phase`` (``train`` or ``val``); training values are means since the line
    before, but for learning rates.

    Args:
        interval: steps between training lines.
    """

    priority = 'BELOW_NORMAL'

    def __init__(self, interval: Annotated[int, Ge(1)] = 10):
        self.interval = interval
        self.start_iter = 0

    def before_train(self, runner: Any) -> None:
        self.start_iter = runner.iter

    def after_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None) -> None:
        step = runner.iter + 1
        if step % self.interval == 0 or step == runner.max_iters:
            scalars = window_scalars(runner, min(self.interval, step - self.start_iter))
            self._write(runner, 'train', step, runner.epoch + 1, scalars)

    def after_val_epoch(self, runner: Any, metrics: dict[str, float] | None = None) -> None:
        self._write(runner, 'val', runner.iter, runner.epoch, metrics or {})

    def after_run(self, runner: Any) -> None:
        runner.visualizer.close()

    def _write(self, runner: Any, phase: str, step: int, epoch: int, scalars: dict[str, float]) -> None:
        if not distributed.is_main():
            return
        line = json.dumps({'step': step, 'epoch': epoch, 'phase': phase, **scalars})
        with open(Path(runner.log_dir) / 'log.jsonl', 'a', encoding='utf-8') as file:
            file.write(line + '\n')
        runner.visualizer.add_scalars({f'{phase}/{name}': value for name, value in scalars.items()}, step=step)
