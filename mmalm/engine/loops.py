"""The training and validation loops, calling MMEngine's hook points."""

from typing import Annotated, Any

from annotated_types import Ge
from mmengine.evaluator import Evaluator
from mmengine.runner import BaseLoop
from torch import nn
from torch.utils.data import DataLoader

from mmalm.errors import ConfigError, TrainingError
from mmalm.registry import LOOPS

from .data import set_epoch
from .evaluation import evaluate
from .optim_wrapper import NonFiniteError
from .soundness import last_good, refuse_unsound_weights


@LOOPS.register_module()
class TrainLoop(BaseLoop):
    """Epochs of training, each followed by validation where it is due, and then by the hook point ``after_epoch``.

    A checkpoint is whole at two points, where nothing is half done: ``after_epoch``, when an epoch is trained and scored, and
    ``after_step``, when the optimizer has stepped and all hooks of that batch have been called.

    Args:
        runner: whose hooks are called.
        dataloader: gives batches.
        max_epochs: epochs of the whole run.
        val_interval: epochs between validations; the last epoch is always validated.
        val_begin: first epoch to validate, from 1.
    """

    def __init__(
        self,
        runner: Any,
        dataloader: DataLoader,
        max_epochs: int,
        val_interval: int = 1,
        val_begin: Annotated[int, Ge(1)] = 1,
    ):
        super().__init__(runner, dataloader)
        for name, value in (('max_epochs', max_epochs), ('val_interval', val_interval)):
            if not isinstance(value, int) or value < 1:
                raise ConfigError(f'train_cfg.{name}={value!r} must be a whole number from 1 on.')
        self.max_epochs, self.val_interval, self.val_begin = max_epochs, val_interval, val_begin
        self.max_iters = max_epochs * len(dataloader)
        self.epoch = self.iter = 0
        self.start = 0  # batches of the present epoch that were done before this run was resumed
        self.stop_training = False  # hooks such as MMEngine's EarlyStoppingHook set it

    def run(self) -> nn.Module:
        """Train from the present epoch to the last."""
        self.runner.call_hook('before_train')
        while not self.finished:
            self.run_epoch()
            metrics = self.runner.val_loop.run() if self._validation_is_due() else None
            self.runner.call_hook('after_epoch', metrics=metrics)
        self.runner.call_hook('after_train')
        return self.runner.model

    @property
    def finished(self) -> bool:
        """Whether all epochs are done, or a hook has stopped the run."""
        return self.epoch >= self.max_epochs or self.stop_training

    def _validation_is_due(self) -> bool:
        due = self.epoch >= self.val_begin and self.epoch % self.val_interval == 0
        return self.runner.val_loop is not None and (due or self.epoch == self.max_epochs)

    def run_epoch(self) -> None:
        """The present epoch, from where it was entered."""
        optim_wrapper, start = self.runner.optim_wrapper, self.start
        set_epoch(self.dataloader, self.epoch, start)
        optim_wrapper.initialize_count_status(self.runner.model, start, len(self.dataloader))
        self.runner.call_hook('before_train_epoch')
        self.runner.model.train()
        # an epoch may have been left after its last batch, before it was scored
        for index, batch in enumerate(self.dataloader if start < len(self.dataloader) else (), start):
            self.run_iter(index, batch)
            if optim_wrapper.should_update():
                self.runner.call_hook('after_step')
        self.runner.call_hook('after_train_epoch')
        self.epoch += 1
        self.start = 0
        refuse_unsound_weights(self.runner)

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
                f'{len(self.dataloader)}; {rates}). The optimizer has not stepped on it.\n{last_good(runner)}'
                'Try a lower learning rate, a longer warm-up, clip_norm, or precision fp32 or bf16.'
            ) from error
        runner.call_hook('after_train_iter', batch_idx=index, data_batch=batch, outputs=outputs)
        self.iter += 1


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
