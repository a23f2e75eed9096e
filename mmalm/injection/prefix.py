"""Many injections into one text: what they have in common is computed once.

Legend: B batch, L text length, H LM width.
"""

from typing import Any

import torch
from torch import Tensor

from ..errors import ConfigError


class SharedPrefix:
    """States of a text below its first injection, kept from one pass to the next over the same text.

    A pass that first injects at layer f starts at the deepest layer up to f whose entering states are known, and what further
    layers give on the way is kept for those that come later. Of an encoder-decoder whose decoder is injected into, the encoder
    runs once. For comparing placements: under one soft prompt and the same adapters, without gradients and key-value cache.
    """

    def __init__(self) -> None:
        self.read: Tensor | None = None  # final states of the other stack
        self._text: tuple[Tensor, Tensor | None] | None = None
        self._entering: dict[int, Tensor] = {}
        self._besides: int | None = (
            None  # how many outputs a layer has beside its states; None where it gives the bare tensor
        )

    def check(self, input_ids: Tensor, attention_mask: Tensor | None) -> None:
        """Raise a ConfigError for gradients, or for another text than the first pass had."""
        if torch.is_grad_enabled():
            raise ConfigError('a SharedPrefix keeps states without gradients: pass it inside torch.no_grad().')
        if self._text is None:
            self._text = input_ids, attention_mask
        for given, known in zip((input_ids, attention_mask), self._text, strict=True):
            if given is not known and (given is None or known is None or not torch.equal(given, known)):
                raise ConfigError('this SharedPrefix belongs to another text: make a new one for every batch.')

    def start(self, first_layer: int) -> int:
        """The layer at which a pass that first injects at ``first_layer`` can start."""
        return max((layer for layer in self._entering if layer <= first_layer), default=0)

    def enter(self, layer: int, hidden: Tensor, first_layer: int) -> Tensor:
        """The states ``[B, L, H]`` that enter a layer, before anything is injected there; kept up to ``first_layer``."""
        if layer <= first_layer:
            return self._entering.setdefault(layer, hidden)
        return hidden

    def leave(self, output: Any) -> None:
        """Note the form of what a layer gives."""
        self._besides = len(output) - 1 if isinstance(output, tuple) else None

    def skipped(self, hidden_states: Tensor, *args: Any, **kwargs: Any) -> Any:
        """Takes the place of a layer's forward where the pass starts later."""
        return hidden_states if self._besides is None else (hidden_states, *[None] * self._besides)
