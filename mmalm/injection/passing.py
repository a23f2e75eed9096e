"""One forward pass of a language model under injection: what its layers share, made once for all layers that need the same.

Legend: B batch, L text length (soft prompt included), h heads, W perceptual tokens present at a layer, H LM width. The sequence
inside the model is [W perceptual | P prompt | text].
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from ..attention import XFORMERS_IMPLEMENTATION, AttentionMask
from ..errors import MmalmError
from ..padding import has_gap
from .anatomy import Anatomy
from .tokens import expand_rows


@dataclass
class Pass:
    """What one pass is given; masks, biases and rotations of its layers.

    Attributes:
        real: ``[B, L]`` bool over all text columns, cached ones included.
        prefill: whether nothing is cached.
        positions: ``[B, L]``, 0 at each sample's first real token.
        padded: whether any column is padding.
        places: ``[B or 1, L]``: positions, or the column numbers where they come to the same.
        tree: ``[B, n, n]``, where the new tokens are branches.
        read: states ``[B, Ls, H]`` of another stack, and which of them are real ``[B, Ls]``, where the layers read them.
        sees_all: whether perceptual tokens see everything, future and padding included.
        present: ``[B]``, False for samples whose perceptual tokens nobody sees; None where all have theirs.
    """

    anatomy: Anatomy
    real: Tensor
    prefill: bool
    positions: Tensor
    padded: bool
    places: Tensor
    tree: Tensor | None = None
    read: tuple[Tensor, Tensor] | None = None
    sees_all: bool = False
    present: Tensor | None = None
    _made: dict = field(default_factory=dict)
    _rotations: tuple[Tensor, Tensor] | None = None

    @classmethod
    def start(
        cls,
        anatomy: Anatomy,
        given: Mapping[str, Any],
        tree: Tensor | None,
        sees_all: bool,
        present: Tensor | None = None,
    ) -> 'Pass':
        """From what the language model's own forward is given, by argument name."""
        text = given['input_ids'] if given.get('input_ids') is not None else given['inputs_embeds']
        (rows, length), device = text.shape[:2], text.device
        past, mask = given.get('past_key_values'), given.get('attention_mask')
        cached = 0 if past is None else past.get_seq_length()
        if mask is not None and mask.dim() != 2:
            raise MmalmError(
                f'the injector builds the attention masks itself and needs attention_mask as [B, L], found {list(mask.shape)}; '
                'static caches, which make transformers prepare 4-D masks, are not supported.'
            )
        real = torch.ones(rows, cached + length, dtype=torch.bool, device=device) if mask is None else mask.bool()
        padded = mask is not None and mask.device.type != 'meta' and not bool(real.all())
        positions = (real.long().cumsum(-1) - 1).clamp(min=0)
        if tree is not None:
            positions = torch.cat([positions[:, :cached], tree_positions(real, tree)], dim=1)
        aligned = tree is None and not (padded and has_gap(real))
        places = torch.arange(cached + length, device=device)[None] if aligned else positions
        states, read = given.get('encoder_hidden_states'), None
        if states is not None:
            seen = given.get('encoder_attention_mask')
            read = states, torch.ones_like(states[..., 0], dtype=torch.bool) if seen is None else seen.bool()
        present = None if present is None else expand_rows(present, rows)
        return cls(anatomy, real, cached == 0, positions, padded, places, tree, read, sees_all, present)

    def mask(self, width: int, window: int | None, hidden: Tensor) -> Any:
        """The attention mask of a layer in the form its attention takes; None where nothing is hidden or a flag says it all."""
        keys = self.real.shape[1] + width
        window = None if window is not None and keys <= window else window
        return self._once(('mask', width, window), lambda: self._build_mask(width, window, keys, hidden))

    def bias(self, width: int, hidden: Tensor) -> Tensor:
        """The position bias ``[B or 1, h, Lq, Lk]`` of a layer.

        Distances count real tokens alone, and a perceptual token stands at one of the W places right before the first of them,
        wherever padding is. Between text tokens the bias is what the model itself would make of their distance.
        """
        return self._once(('bias', width), lambda: self._build_bias(width, hidden))

    def rotate(self, rotary: tuple[Tensor, Tensor], width: int, most: int, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """cos and sin of text and perceptual tokens, which stand right before each sample's first real token.

        Args:
            rotary: of the text.
            most: the largest W of any layer.
        """
        if self._rotations is None:
            before = torch.arange(-most, 0, device=hidden.device)[None]
            self._rotations = self.anatomy.rotary(hidden, before)
        return tuple(
            torch.cat([extra[:, -width:].expand(len(own), -1, -1), own], dim=1)
            for own, extra in zip(rotary, self._rotations, strict=True)
        )

    def lengthened(self, mask: Tensor, width: int) -> Tensor:
        """The mask ``[B, W + L]`` of a text ``[B, L]`` with W perceptual tokens in front, in the type it has."""
        if self.present is None:
            return nn.functional.pad(mask, (width, 0), value=1)
        return torch.cat([self.present[:, None].expand(-1, width).to(mask.dtype), mask], dim=1)

    def _once(self, key: tuple, make: Any) -> Any:
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def _visible(self, width: int, window: int | None) -> AttentionMask:
        return AttentionMask(
            causal=self.anatomy.causal,
            keys=self.lengthened(self.real, width) if self.padded or (width and self.present is not None) else None,
            prefix=width,
            prefix_sees_all=self.sees_all and width > 0,
            window=window,
            positions=nn.functional.pad(self.positions, (width, 0)) if window is not None else None,
            tree=self.tree,
        )

    def _build_mask(self, width: int, window: int | None, keys: int, hidden: Tensor) -> Any:
        mask, queries = self._visible(width, window), hidden.shape[1]
        form = self.anatomy.attention()
        if form == XFORMERS_IMPLEMENTATION:
            return mask
        if mask.is_open:
            return None
        if form == 'eager':
            return mask.additive(queries, keys, hidden.dtype, hidden.device)
        # the kernel's own causal flag needs no mask, and one new query sees all of an unpadded cache
        if mask.is_plain_causal and (queries == keys or queries == 1):
            return None
        return mask.dense(queries, keys, hidden.device)

    def _build_bias(self, width: int, hidden: Tensor) -> Tensor:
        before = torch.arange(-width, 0, device=hidden.device).expand(len(self.places), -1)
        keys = torch.cat([before, self.places], dim=1)
        queries, furthest = keys[:, -hidden.shape[1] :], keys.shape[1]
        by_distance = self.anatomy.relative_bias(-furthest, furthest)
        bias = by_distance[:, keys[:, None] - queries[..., None] + furthest].transpose(0, 1)
        if self.anatomy.bias_holds_mask:
            seen = self._visible(width, None)
            bias = bias + seen.additive(hidden.shape[1], furthest, bias.dtype, bias.device)
        return bias


def tree_positions(real: Tensor, tree: Tensor) -> Tensor:
    """Positions ``[B, n]`` of branches behind a text.

    Args:
        real: ``[B, L + n]``, 0 at padding.
        tree: ``[B, n, n]`` bool, which branches each one sees.
    """
    return real[:, : -tree.shape[1]].long().sum(-1, keepdim=True) + tree.long().sum(-1) - 1
