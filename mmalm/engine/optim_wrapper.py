"""One optimisation step: autocast, accumulation, clipping, and a stop at the first non-finite number."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from mmengine.optim import OptimWrapper as MMEngineOptimWrapper
from torch import Tensor, nn
from torch.nn.utils import clip_grads_with_norm_, get_total_norm

from mmalm.errors import ConfigError, TrainingError
from mmalm.registry import OPTIM_WRAPPERS

from .averaging import average_gradients
from .precision import autocast


class NonFiniteError(TrainingError):
    """A loss or gradient is not a finite number; the optimizer has not stepped on it."""


@OPTIM_WRAPPERS.register_module()
class OptimWrapper(MMEngineOptimWrapper):
    """MMEngine's wrapper with autocast on CPU as well, and no step on a non-finite loss or gradient.

    Accumulated batches, and the parts of several processes, count by what their losses are means over, so that a step is
    that of one large batch. What is left at the end of an epoch is stepped on, so that nothing has to be carried across
    a checkpoint.

    Args:
        optimizer: holds trainable parameters only.
        precision: ``'fp32'``, ``'bf16'`` or ``'fp16'`` (CUDA, with loss scaling).
        accumulate: batches a step.
        clip_norm: largest L2 norm of all gradients together; None does not clip.
    """

    # below this scale float16 gradients are not overflowing, they are infinite
    MIN_SCALE = 2.0**-10

    def __init__(
        self,
        optimizer: torch.optim.Optimizer,
        precision: str = 'fp32',
        accumulate: int = 1,
        clip_norm: float | None = None,
    ):
        if not isinstance(accumulate, int) or accumulate < 1:
            raise ConfigError(
                f'accumulate={accumulate!r}: the number of batches a step must be a whole number from 1 on.'
            )
        if clip_norm is not None and not clip_norm > 0:
            raise ConfigError(f'clip_norm={clip_norm!r} must be above 0; None does not clip.')
        super().__init__(optimizer, accumulate)
        self.base_param_settings = None
        self.precision = precision
        self.clip_norm = clip_norm
        autocast(precision, self.device)  # refuses what the device cannot do before any work
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=precision == 'fp16')
        self._unit, self._weight = 1.0, 0.0

    @property
    def device(self) -> torch.device:
        return self.optimizer.param_groups[0]['params'][0].device

    def initialize_count_status(self, model: nn.Module, init_counts: int, max_counts: int) -> None:
        """Count batches from ``init_counts`` to ``max_counts``; the loop calls this at the start of every epoch."""
        self._inner_count = init_counts
        self._max_counts = max_counts
        self._unit, self._weight = 1.0, 0.0

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """Autocast, and no gradient synchronisation while accumulating."""
        with super().optim_context(model), autocast(self.precision, self.device):
            yield

    def get_lr(self) -> dict[str, list[float]]:
        """Learning rates: ``lr`` of the first group, ``lr/<name>`` of the others."""
        first, *others = self.optimizer.param_groups
        return {
            'lr': [first['lr']],
            **{f'lr/{group.get("name", i + 1)}': [group['lr']] for i, group in enumerate(others)},
        }

    def update_params(
        self,
        loss: Tensor | None,
        step_kwargs: dict | None = None,
        zero_kwargs: dict | None = None,
        *,
        weight: float = 1.0,
    ) -> None:
        """Back-propagate, and step once enough batches are accumulated.

        Args:
            loss: of this process's part of a batch; None where it has none.
            step_kwargs, zero_kwargs: for :meth:`step` and :meth:`zero_grad`.
            weight: what the loss was taken over: target tokens, or samples.

        Raises:
            NonFiniteError: the loss is NaN or infinite.
        """
        if loss is None:
            self._inner_count += 1
            self.scaler.scale(torch.zeros((), device=self.device))  # makes its scale, which a step asks for
        else:
            self.refuse_non_finite(float(loss.detach()))
            if not self._weight:
                self._unit = weight or 1.0
            # a factor of 1 leaves a single batch's step what it is without weights, bit for bit
            self.backward(loss if weight == self._unit else loss * (weight / self._unit))
            self._weight += weight
        if self.should_update():
            self.step(**(step_kwargs or {}))
            self.zero_grad(**(zero_kwargs or {}))

    def refuse_non_finite(self, loss: float) -> None:
        """Never step on a loss that is NaN or infinite.

        Raises:
            NonFiniteError: it is.
        """
        if not math.isfinite(loss):
            self.zero_grad()
            raise NonFiniteError(f'the loss is {loss}')

    def zero_grad(self, **kwargs) -> None:
        super().zero_grad(**kwargs)
        self._weight = 0.0

    def backward(self, loss: Tensor, **kwargs) -> None:
        super().backward(self.scaler.scale(loss), **kwargs)

    def step(self, **kwargs) -> None:
        """Average over batches and processes, clip and step, unless a gradient is not finite.

        Raises:
            NonFiniteError: a gradient is NaN or infinite; in float16 only once lower loss scales have not helped.
        """
        # before unscaling, so that all processes see an overflow of any of them
        average_gradients(
            [p for group in self.optimizer.param_groups for p in group['params']], self._unit, self._weight
        )
        self.scaler.unscale_(self.optimizer)
        parameters = [p for group in self.optimizer.param_groups for p in group['params'] if p.grad is not None]
        norm = get_total_norm([p.grad for p in parameters])
        self.message_hub.update_scalar('train/grad_norm', float(norm))
        if not torch.isfinite(norm):
            # the scaler skips this step by itself and lowers its scale
            if not self.scaler.is_enabled() or self.scaler.get_scale() < self.MIN_SCALE:
                self.zero_grad()
                raise NonFiniteError(f'the gradient norm is {float(norm)}')
        elif self.clip_norm is not None:
            clip_grads_with_norm_(parameters, self.clip_norm, norm)
        self.scaler.step(self.optimizer, **kwargs)
        self.scaler.update()
