"""Attention: one mask type with a dense form, and one switch over the kernels.

Legend: B batch, h heads, Lq query length, Lk key length, d head width. Queries are aligned to the end of the keys, so that the same
mask serves a full pass (Lq = Lk), decoding over a cache (Lq < Lk) and a few new tokens over a cache.
"""

import math
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from .errors import ConfigError, closest

BACKENDS = ('auto', 'xformers', 'sdpa', 'eager')
XFORMERS_IMPLEMENTATION = 'mmalm_xformers'


@dataclass(frozen=True)
class AttentionMask:
    """Which keys each query may see.

    Attributes:
        causal: a query sees no key after itself.
        keys: ``[B, Lk]`` bool, False at padding, which no query sees; ``None`` without padding.
        prefix: the first ``prefix`` keys are perceptual tokens: every later query sees them, in or out of ``window``.
        prefix_sees_all: the perceptual tokens see everything, future and padding included, as in the released eP-ALM
            (``visibility='all'``); otherwise they see themselves and what stands before them.
        window: a query sees only keys fewer than ``window`` positions before it (sliding-window attention).
        positions: ``[B, Lk]`` position of each key; needed by ``window``, so that padding does not count as distance.
        tree: ``[B, Lq, Lq]`` bool, True where a query sees the key of another query or its own: the queries are branches of a tree
            behind the other keys, which all of them see. Takes the place of ``causal``; ``window`` needs ``positions`` then.
        segments: packed sequences: lengths of the query and of the key segments; a query sees keys of its own segment.
    """

    causal: bool = False
    keys: Tensor | None = None
    prefix: int = 0
    prefix_sees_all: bool = False
    window: int | None = None
    positions: Tensor | None = None
    tree: Tensor | None = None
    segments: tuple[tuple[int, ...], tuple[int, ...]] | None = None

    @classmethod
    def packed(cls, lengths: list[int], key_lengths: list[int] | None = None, causal: bool = False) -> 'AttentionMask':
        """Several sequences laid end to end in one row (B = 1); with ``key_lengths``, packed cross-attention."""
        key_lengths = lengths if key_lengths is None else key_lengths
        if len(lengths) != len(key_lengths):
            raise ConfigError(f'{len(lengths)} query segments but {len(key_lengths)} key segments in a packed mask.')
        return cls(causal=causal, segments=(tuple(lengths), tuple(key_lengths)))

    @classmethod
    def cross(cls, keys: Tensor | None = None) -> 'AttentionMask':
        """Every query sees every real key: ``keys`` is ``[B, Lk]``, True at real ones."""
        return cls(keys=keys)

    @property
    def is_open(self) -> bool:
        """Whether every query sees every key."""
        return not (self.causal or self.segments or self.window) and self.keys is None and self.tree is None

    @property
    def is_plain_causal(self) -> bool:
        """Whether the mask is the lower triangle and nothing else, so that a kernel's own causal flag can stand for it."""
        plain = self.keys is None and self.tree is None and not (self.prefix_sees_all or self.window or self.segments)
        return self.causal and plain

    def dense(self, queries: int, keys: int, device: torch.device | str | None = None) -> Tensor:
        """The mask as ``[B or 1, 1, Lq, Lk]`` bool, True where a query sees a key."""
        if self.segments is not None:
            return self._dense_packed(queries, keys, device)
        device = self.keys.device if self.keys is not None else device
        row = torch.arange(keys - queries, keys, device=device).view(1, 1, queries, 1)
        column = torch.arange(keys, device=device).view(1, 1, 1, keys)
        if self.tree is not None:
            seen = F.pad(self.tree[:, None], (keys - queries, 0), value=True)
        else:
            seen = (column <= row) if self.causal else torch.ones(1, 1, queries, keys, dtype=torch.bool, device=device)
        if self.window is not None:
            seen = seen & self._near(row, column, queries)
        if self.keys is not None:
            seen = seen & self.keys[:, None, None, :].bool()
        if self.prefix_sees_all:
            seen = seen | (row < self.prefix)
        return seen

    def additive(self, queries: int, keys: int, dtype: torch.dtype, device: torch.device | str | None = None) -> Tensor:
        """The mask as ``[B or 1, 1, Lq, Lk]`` to add to the scores: 0 where seen, the type's minimum elsewhere."""
        seen = self.dense(queries, keys, device)
        return torch.where(seen, torch.zeros((), dtype=dtype, device=seen.device), torch.finfo(dtype).min)

    def _near(self, row: Tensor, column: Tensor, queries: int) -> Tensor:
        if self.positions is None:
            distance = row - column
        else:
            positions = self.positions[:, None]
            distance = positions[..., -queries:, None] - positions[..., None, :]
        return (distance < self.window) | (column < self.prefix)

    def _dense_packed(self, queries: int, keys: int, device: torch.device | str | None) -> Tensor:
        query_lengths, key_lengths = (torch.tensor(lengths, device=device) for lengths in self.segments)
        for name, lengths, expected in (('query', query_lengths, queries), ('key', key_lengths, keys)):
            if int(lengths.sum()) != expected:
                raise ConfigError(f'packed {name} segments {lengths.tolist()} do not add up to {expected} tokens.')
        index = torch.arange(len(query_lengths), device=device)
        same = index.repeat_interleave(query_lengths)[:, None] == index.repeat_interleave(key_lengths)[None, :]
        if self.causal:
            place_q = torch.cat([torch.arange(n, device=device) for n in self.segments[0]])
            place_k = torch.cat([torch.arange(n, device=device) for n in self.segments[1]])
            same = same & (place_k[None, :] <= place_q[:, None])
        return same[None, None]

    def xformers_bias(self, query: Tensor, keys: int) -> Any:
        """The mask as xformers takes it: one of its own classes where one fits, else a bias tensor ``[B, h, Lq, Lk]``."""
        from xformers.ops import fmha

        queries = query.shape[2]
        bias = fmha.attn_bias
        if self.is_open:
            return None
        if self.segments is not None:
            kind = bias.BlockDiagonalCausalMask if self.causal else bias.BlockDiagonalMask
            return kind.from_seqlens(list(self.segments[0]), list(self.segments[1]))
        if self.is_plain_causal:
            return bias.LowerTriangularMask() if queries == keys else bias.LowerTriangularFromBottomRightMask()
        return dense_bias(self.dense(queries, keys, query.device), query, keys)


def choose_backend(backend: str, device: torch.device | str) -> str:
    """Resolve ``auto`` (xformers on CUDA where installed, sdpa elsewhere) and refuse what cannot run on ``device``."""
    if backend not in BACKENDS:
        raise ConfigError(
            f'unknown attention {backend!r}. {closest(backend, BACKENDS)} Choose one of {", ".join(BACKENDS)}.'
        )
    on_cuda = torch.device(device).type == 'cuda'
    if backend == 'auto':
        return 'xformers' if on_cuda and _has_xformers() else 'sdpa'
    if backend == 'xformers':
        if not _has_xformers():
            raise ConfigError("attention='xformers' needs xformers: pip install 'mmalm[xformers]', or choose 'sdpa'.")
        if not on_cuda:
            raise ConfigError(
                f"attention='xformers' runs on CUDA only, this is {device}. Choose 'sdpa', or 'auto', which decides by device."
            )
    return backend


def _has_xformers() -> bool:
    from importlib.util import find_spec

    return find_spec('xformers') is not None


def attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: AttentionMask | None = None,
    backend: str = 'auto',
    scale: float | None = None,
    dropout: float = 0.0,
) -> Tensor:
    """Scaled dot-product attention.

    Args:
        query: ``[B, h, Lq, d]``.
        key: ``[B, h, Lk, d]``.
        value: ``[B, h, Lk, d]``.
        mask: what each query sees; ``None`` for everything.
        backend: ``auto | xformers | sdpa | eager``.
        scale: factor of the scores, 1/sqrt(d) unless told.
        dropout: probability, of attention weights; the caller passes 0 outside training.

    Returns:
        ``[B, h, Lq, d]``.
    """
    backend = choose_backend(backend, query.device)
    mask = AttentionMask() if mask is None else mask
    queries, keys = query.shape[-2], key.shape[-2]
    scale = query.shape[-1] ** -0.5 if scale is None else scale
    if backend == 'xformers':
        return _xformers(query, key, value, mask.xformers_bias(query, keys), scale, dropout)
    if backend == 'sdpa':
        if mask.is_plain_causal and (queries == keys or queries == 1):
            return F.scaled_dot_product_attention(
                query, key, value, dropout_p=dropout, is_causal=queries > 1, scale=scale
            )
        dense = None if mask.is_open else mask.dense(queries, keys, query.device)
        return F.scaled_dot_product_attention(query, key, value, attn_mask=dense, dropout_p=dropout, scale=scale)
    scores = query @ key.transpose(-1, -2) * scale
    if not mask.is_open:
        scores = scores + mask.additive(queries, keys, scores.dtype, scores.device)
    weights = F.dropout(scores.softmax(-1, dtype=torch.float32).to(query.dtype), dropout)
    return weights @ value


def _xformers(query: Tensor, key: Tensor, value: Tensor, bias: Any, scale: float | None, dropout: float) -> Tensor:
    from xformers.ops import memory_efficient_attention

    heads_last = [t.transpose(1, 2) for t in (query, key, value)]
    return memory_efficient_attention(*heads_last, attn_bias=bias, p=dropout, scale=scale).transpose(1, 2)


def transformers_implementation(backend: str, device: torch.device | str = 'cpu') -> str:
    """The name by which transformers knows ``backend``: 'eager', 'sdpa' or the xformers one registered here."""
    backend = choose_backend(backend, device)
    if backend != 'xformers':
        return backend
    from transformers import AttentionInterface
    from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

    AttentionInterface.register(XFORMERS_IMPLEMENTATION, transformers_xformers)
    # without a mask function of the same name transformers would hand over no mask at all, and padding would be seen
    AttentionMaskInterface.register(XFORMERS_IMPLEMENTATION, sdpa_mask)
    return XFORMERS_IMPLEMENTATION


def transformers_xformers(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | AttentionMask | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    is_causal: bool | None = None,
    position_bias: Tensor | None = None,
    **kwargs: Any,
) -> tuple[Tensor, None]:
    """Attention function for transformers' AttentionInterface: ``[B, h, L, d]`` in, ``[B, L, h, d]`` out.

    ``position_bias [B or 1, h, Lq, Lk]`` is added to the scores, in T5.
    """
    groups = getattr(module, 'num_key_value_groups', 1)
    if groups > 1:
        key, value = key.repeat_interleave(groups, dim=1), value.repeat_interleave(groups, dim=1)
    queries, keys = query.shape[2], key.shape[2]
    if attention_mask is None:
        causal = getattr(module, 'is_causal', True) if is_causal is None else is_causal
        attention_mask = AttentionMask(causal=causal and queries > 1)
    if isinstance(attention_mask, AttentionMask) and position_bias is None:
        bias = attention_mask.xformers_bias(query, keys)
    else:
        if isinstance(attention_mask, AttentionMask):
            attention_mask = attention_mask.additive(queries, keys, query.dtype, query.device)
        bias = dense_bias(attention_mask, query, keys, position_bias)
    return _xformers(query, key, value, bias, scaling, dropout).transpose(1, 2).contiguous(), None


def dense_bias(mask: Tensor, query: Tensor, keys: int, added: Tensor | None = None) -> Tensor:
    """A bool or additive mask ``[B, 1, Lq, >=Lk]``, and what else is ``added`` to the scores, as a bias ``[B, h, Lq, Lk]``.

    Its rows lie a multiple of 8 apart in memory, as the kernels want.
    """
    mask = mask[..., :keys]
    if mask.dtype == torch.bool:
        mask = torch.where(mask, torch.zeros((), dtype=query.dtype, device=mask.device), torch.finfo(query.dtype).min)
    if added is not None:
        mask = mask.clamp(min=torch.finfo(mask.dtype).min / 2) + added.to(mask.dtype)
    batch, heads, queries, _ = query.shape
    padded = math.ceil(keys / 8) * 8
    return F.pad(mask.to(query.dtype), (0, padded - keys))[..., :keys].expand(batch, heads, queries, keys)
