"""A key-value cache in which layers hold different numbers of tokens, and that still reports text lengths."""

from typing import Any

from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

from .injection import InjectionPlan


class PerceptualCache(DynamicCache):
    """Keys and values of text and perceptual tokens.

    transformers takes lengths, positions and masks from the cache of layer 0, and means text by them. Layers below the first
    injection hold text only, the ones above hold T more tokens for every slot: reported lengths leave these out. Every layer
    keeps all its tokens, sliding-window layers too, so that perceptual tokens never leave the window.

    Args:
        plan: which slots are present at which layer.
        tokens_per_slot: T.
    """

    def __init__(self, plan: InjectionPlan | None = None, tokens_per_slot: int = 1):
        super().__init__()
        self.widths = [] if plan is None else [len(present) * tokens_per_slot for present in plan.slots]

    def held(self, layer: int) -> int:
        """How many tokens layer ``layer`` holds, perceptual ones included."""
        return super().get_seq_length(layer)

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """How many text tokens (soft prompt included) layer ``layer_idx`` holds."""
        held = self.held(layer_idx)
        return held - self._width(layer_idx) if held else 0

    def get_mask_sizes(self, query_length: int, layer_idx: int = 0) -> tuple[int, Any]:
        """(length, offset) of the text keys a mask has to cover."""
        return self.get_seq_length(layer_idx) + query_length, 0

    def view(self, samples: slice) -> 'PerceptualCache':
        """The cache of some samples, without a copy: what either is filled with from here on, the other does not see."""
        found = PerceptualCache()
        found.widths = self.widths
        for layer in self.layers:
            part = DynamicLayer()
            part.lazy_initialization(layer.keys, layer.values)
            part.keys, part.values = layer.keys[samples], layer.values[samples]
            found.layers.append(part)
        return found

    def _width(self, layer: int) -> int:
        return self.widths[layer] if layer < len(self.widths) else 0
