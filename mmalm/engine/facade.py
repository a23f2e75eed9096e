"""The thin layer between MMEngine's loops and a model, which stays a plain ``nn.Module``."""

from typing import Any

import torch
from torch import nn

from mmalm.errors import ConfigError

from .averaging import mean_over_processes
from .precision import autocast, check_precision


def to_device(value: Any, device: torch.device) -> Any:
    """Tensors of a batch on ``device``; everything else as it is."""
    if isinstance(value, torch.Tensor):
        return value.to(device, non_blocking=True)
    if isinstance(value, dict):
        return {key: to_device(item, device) for key, item in value.items()}
    return value


class Facade(nn.Module):
    """Gives a model the ``train_step``, ``val_step`` and ``test_step`` that MMEngine calls.

    Args:
        module: the model, with ``loss(batch) -> dict`` and ``predict(batch) -> list[dict]``.
        precision: number format of predictions; in training the optimizer wrapper's holds.
    """

    def __init__(self, module: nn.Module, precision: str = 'fp32'):
        super().__init__()
        check_precision(module, precision)
        self.module = module
        self.precision = precision

    @property
    def device(self) -> torch.device:
        return next(self.module.parameters()).device

    def train_step(self, data: dict, optim_wrapper: Any) -> dict[str, float]:
        """One batch: back-propagate, and step where the optimizer wrapper is due to.

        Args:
            data: this process's part of the batch; empty where it has none, which still takes part in the step.
            optim_wrapper: whose gradients and step are shared by all processes.

        Returns:
            the model's logged values, of all processes together.
        """
        losses: dict[str, Any] = {}
        if data:
            with optim_wrapper.optim_context(self):
                losses = dict(self.module.loss(to_device(data, self.device)))
            if 'loss' not in losses:
                name = type(self.module).__name__
                raise ConfigError(f'{name}.loss() must give the value to minimise as "loss"; found {sorted(losses)}.')
        values = {name: float(torch.as_tensor(value).detach()) for name, value in losses.items()}
        weight = values.pop('weight', 1.0)
        logged = mean_over_processes(values, weight)
        optim_wrapper.refuse_non_finite(logged['loss'])
        optim_wrapper.update_params(losses.get('loss'), weight=weight)
        return logged

    @torch.no_grad()
    def val_step(self, data: dict) -> list[dict]:
        """The model's predictions for one batch; none for the empty part of one."""
        if not data:
            return []
        with autocast(self.precision, self.device):
            return self.module.predict(to_device(data, self.device))

    test_step = val_step
