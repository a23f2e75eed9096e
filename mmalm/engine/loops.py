"""The training and validation loops, calling MMEngine's hook points."""

from typing import Any

import torch
from mmengine.evaluator import Evaluator
from mmengine.runner import BaseLoop
from torch import nn
from torch.utils.data import DataLoader

from mmalm.errors import ConfigError, TrainingError
from mmalm.registry import LOOPS
from mmalm.tuning.whitelist import trained_state

from .data import set_epoch
from .evaluation import evaluate
from .optim_wrapper import NonFiniteError


@LOOPS.register_module()
class TrainLoop(BaseLoop):
    """Epochs of training, each followed by validation where it is due, and then by the hook point ``after_epoch``.

    ``after_epoch`` is where a checkpoint is whole: the epoch is trained and scored, nothing is half done.

    Args:
        runner: whose hooks are called.
        dataloader: gives batches.
        max_epochs: epochs of the whole run.
        val_interval: epochs between validations; the last epoch is always validated.
        val_begin: first epoch to validate, from 1.
    """

    def __init__(self, runner: Any, dataloader: DataLoader, max_epochs: int, val_interval: int = 1, val_begin: int = 1):
        super().__init__(runner, dataloader)
        for name, value in (('max_epochs', max_epochs), ('val_interval', val_interval)):
            if not isinstance(value, int) or value < 1:
                raise ConfigError(f'train_cfg.{name}={value!r} must be a whole number from 1 on.')
        self.max_epochs, self.val_interval, self.val_begin = max_epochs, val_interval, val_begin
        self.max_iters = max_epochs * len(dataloader)
        self.epoch = self.iter = 0
        self.stop_training = False  # hooks such as MMEngine's EarlyStoppingHook set it

    def run(self) -> nn.Module:
        """Train from the present epoch to the last."""
        self.runner.call_hook('before_train')
        while self.epoch < self.max_epochs and not self.stop_training:
            self.run_epoch()
            metrics = self.runner.val_loop.run() if self._validation_is_due() else None
            self.runner.call_hook('after_epoch', metrics=metrics)
        self.runner.call_hook('after_train')
        return self.runner.model

    def _validation_is_due(self) -> bool:
        due = self.epoch >= self.val_begin and self.epoch % self.val_interval == 0
        return self.runner.val_loop is not None and (due or self.epoch == self.max_epochs)

    def run_epoch(self) -> None:
        set_epoch(self.dataloader, self.epoch)
        self.runner.optim_wrapper.initialize_count_status(self.runner.model, 0, len(self.dataloader))
        self.runner.call_hook('before_train_epoch')
        self.runner.model.train()
        for index, batch in enumerate(self.dataloader):
            self.run_iter(index, batch)
        self.runner.call_hook('after_train_epoch')
        self.epoch += 1
        self._refuse_unsound_weights()

    def run_iter(self, index: int, batch: dict) -> None:
        """One batch.

        Raises:
            TrainingError: the loss or a gradient is not finite.
        """
        runner = self.runner
        runner.call_hook('before_train_iter', batch_idx=index, data_batch=batch)
        try:
            outputs = runner.model.train_step(batch, optim_wrapper=runner.optim_wrapper)
        except NonFiniteError as error:
            runner.call_hook('after_non_finite')
            rates = ', '.join(f'{name} {value[0]:.3g}' for name, value in runner.optim_wrapper.get_lr().items())
            raise TrainingError(
                f'Training stopped: {error} at step {self.iter + 1} (epoch {self.epoch + 1}, batch {index + 1} of '
                f'{len(self.dataloader)}; {rates}). The optimizer has not stepped on it.\n{self._last_good()}'
                'Try a lower learning rate, a longer warm-up, clip_norm, or precision fp32 or bf16.'
            ) from error
        runner.call_hook('after_train_iter', batch_idx=index, data_batch=batch, outputs=outputs)
        self.iter += 1

    def _refuse_unsound_weights(self) -> None:
        # the last step of an epoch may have ruined them, and no later loss would tell before they are saved
        unsound = [n for n, t in trained_state(self.runner.model.module).items() if not torch.isfinite(t).all()]
        if unsound:
            raise TrainingError(
                f'Training stopped: after step {self.iter} (the last of epoch {self.epoch}) {len(unsound)} trained tensors are '
                f'not finite, {unsound[0]} among them. This epoch is not saved.\n{self._last_good()}'
                'Try a lower learning rate, a longer warm-up, clip_norm, or precision fp32 or bf16.'
            )

    def _last_good(self) -> str:
        before, finished = self.runner.before_stop, self.runner.last_good
        lines = [f'The last good state is {before}: the weights before this step.'] if before else []
        if finished:
            lines.append(f'The last finished epoch is {finished}.' if before else f'The last good state is {finished}.')
        return ''.join(
            f'{line}\n' for line in lines or ['There is no good state to go back to: no epoch was finished.']
        )


@LOOPS.register_module()
class ValLoop(BaseLoop):
    """Scores the validation set; the latest predictions stay in ``predictions``.

    Args:
        runner: whose hooks are called.
        dataloader: gives batches.
        evaluator: scores the predictions.
    """

    def __init__(self, runner: Any, dataloader: DataLoader, evaluator: Evaluator):
        super().__init__(runner, dataloader)
        self.evaluator = evaluator
        self.predictions: list[dict] = []

    def run(self) -> dict[str, float]:
        """The scores, after calling the hooks of a validation."""
        call = self.runner.call_hook
        call('before_val')
        call('before_val_epoch')
        set_epoch(self.dataloader, 0)
        metrics, self.predictions = evaluate(
            self.runner.model,
            self.dataloader,
            self.evaluator,
            before=lambda i, batch: call('before_val_iter', batch_idx=i, data_batch=batch),
            after=lambda i, batch, out: call('after_val_iter', batch_idx=i, data_batch=batch, outputs=out),
        )
        call('after_val_epoch', metrics=metrics)
        call('after_val')
        return metrics
