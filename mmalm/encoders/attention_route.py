"""Switching a transformers model to the attention kernel that a config asks for."""

import torch
from torch import nn

from ..attention import choose_backend, transformers_implementation
from ..errors import ConfigError


class AttentionRoute:
    """The kernel of one model.

    Args:
        model: a transformers model.
        attention: 'auto' | 'xformers' | 'sdpa' | 'eager'.
        name: the encoder's, for the error.
    """

    def __init__(self, model: nn.Module, attention: str, name: str) -> None:
        self.model, self.attention, self.name = model, attention, name
        self._routed_for: str | None = None
        if attention in ('sdpa', 'eager'):  # whether xformers can run depends on where the model will be
            self(torch.device('cpu'))

    def __call__(self, device: torch.device) -> None:
        """Switch to what ``attention`` means on this device.

        Raises:
            ConfigError: the model cannot be switched to it.
        """
        if device.type == 'meta':  # shapes only: any kernel does
            return
        backend = choose_backend(self.attention, device)
        if backend == self._routed_for:
            return
        try:
            self.model.set_attn_implementation(transformers_implementation(backend, device))
        except (ValueError, ImportError) as error:
            if self.attention != 'auto':
                raise ConfigError(
                    f'{self.name}: attention={self.attention!r} is not for this model: {error}'
                ) from error
        self._routed_for = backend
