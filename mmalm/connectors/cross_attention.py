"""Gated cross-attention into inner layers: after Flamingo (arXiv 2204.14198) and DePALM's c-attn (arXiv 2403.13499).

Legend: B batch, K levels, N tokens of one level, L text length, H LM width, W inner width, S blocks.
"""

from pathlib import Path
from typing import Annotated

import torch
from annotated_types import Ge, Gt
from torch import Tensor, nn

from ..encoders.perception import Perception
from ..errors import ConfigError
from ..registry import CONNECTORS
from .base import Connector
from .query_pooling import level_of
from .reading import levels_of
from .resampler import EPSILON
from .transformer import QueryMapper, attend, check_heads


class GatedBlock(nn.Module):
    """Text states attend to a memory; what they find is added through a gate, tanh of a number that starts at 0.

    Args:
        hidden_size: H.
        width: W, of the memory and within the attention.
        heads: of the attention.
        ratio: of a gated feed-forward network's inner width to H; 0 for none.
        backend: of the attention.
        gate_rate: factor on the gates' numbers.
    """

    def __init__(self, hidden_size: int, width: int, heads: int, ratio: int, backend: str, gate_rate: float):
        super().__init__()
        self.heads, self.backend, self.gate_rate = heads, backend, gate_rate
        self.norm = nn.LayerNorm(hidden_size)
        self.to_query = nn.Linear(hidden_size, width)
        self.to_key_value = nn.Linear(width, 2 * width)
        self.found_norm = nn.RMSNorm(width, eps=EPSILON)
        self.leave = nn.Linear(width, hidden_size)
        self.gate = nn.Parameter(torch.zeros(()))
        self.feed_forward = None
        if ratio:
            inner = ratio * hidden_size
            self.feed_forward = nn.Sequential(
                nn.LayerNorm(hidden_size), nn.Linear(hidden_size, inner), nn.GELU(), nn.Linear(inner, hidden_size)
            )
            self.feed_forward_gate = nn.Parameter(torch.zeros(()))

    def forward(self, hidden: Tensor, key_value: Tensor) -> Tensor:
        """``hidden [B, L, H]`` and ``to_key_value(memory) [B, N, 2 W]`` to ``[B, L, H]``; at gates of 0 ``hidden`` itself."""
        query = self.to_query(self.norm(hidden))
        found = attend(query, *key_value.chunk(2, -1), self.heads, self.backend)
        hidden = hidden + (self.gate_rate * self.gate).tanh() * self.leave(self.found_norm(found))
        if self.feed_forward is not None:
            hidden = hidden + (self.gate_rate * self.feed_forward_gate).tanh() * self.feed_forward(hidden)
        return hidden


@CONNECTORS.register_module()
class GatedCrossAttention(Connector):
    """The text attends to all tokens of the levels from S layers; nothing enters the sequence. For a schedule of op attend.

    The memory is every level's tokens, projected to W, through transformer layers, and projected again. Block j reads level
    ``K - 1 - (S - 1 - j) K // S``. All gates start at 0: the frozen language model, exactly.

    Args:
        widths: D of each level; given by the encoder.
        hidden_size: H; given by the language model.
        blocks: S.
        width: W.
        heads: of all attention.
        memory_layers: post-norm transformer layers over each level's tokens.
        shared: one block for all layers, as DePALM; else one each, as Flamingo.
        ratio: of a gated feed-forward network's inner width to H, 4 in Flamingo; 0 for none, as DePALM.
        attention: 'auto' | 'xformers' | 'sdpa' | 'eager'.
        gate_rate: factor on the gates' numbers: under Adam, whose steps know no scale, on the gates' learning rate. 1 as published;
            short trainings need more.
    """

    reads = 'levels'
    attends = True

    def __init__(
        self,
        widths: list[int],
        hidden_size: int,
        blocks: Annotated[int, Ge(1)] = 12,
        width: Annotated[int, Ge(1)] = 1024,
        heads: Annotated[int, Ge(1)] = 8,
        memory_layers: Annotated[int, Ge(0)] = 1,
        shared: bool = True,
        ratio: Annotated[int, Ge(0)] = 0,
        attention: str = 'auto',
        gate_rate: Annotated[float, Gt(0)] = 1.0,
    ):
        super().__init__()
        check_heads('GatedCrossAttention', width, heads, attention)
        if len(set(widths)) > 1:
            raise ConfigError(f'GatedCrossAttention needs levels of equal width, found {widths}; use levels=1.')
        self.num_sources, self.shared = blocks, shared
        self.read = [level_of(j, blocks, len(widths)) for j in range(blocks)]
        self.enter = nn.Linear(widths[-1], width)
        self.mapper = QueryMapper(width, 0, memory_layers, heads, backend=attention)
        self.leave = nn.Linear(width, width)
        self.blocks = nn.ModuleList(
            GatedBlock(hidden_size, width, heads, ratio, attention, gate_rate) for _ in range(1 if shared else blocks)
        )
        self.levels = sorted(set(self.read))

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict:
        """For dry runs: a narrow inner width."""
        return {**arguments, 'width': 16, 'heads': 2, 'ratio': min(arguments.get('ratio', 0), 1)}

    def forward(self, perception: Perception) -> Tensor:
        """The memory ``[B, 1, T, W]``, T tokens of all levels that are read, shallow to deep."""
        levels = levels_of(perception)
        return torch.cat([self.leave(self.mapper(self.enter(levels[i]))) for i in self.levels], 1)[:, None]

    def remember(self, source: int, memory: Tensor) -> Tensor:
        """Keys and values ``[B, N, 2 W]`` of the level that one block reads."""
        part = memory.chunk(len(self.levels), 1)[self.levels.index(self.read[source])]
        return self._block(source).to_key_value(part)

    def attend(self, source: int, memory: Tensor, hidden: Tensor) -> Tensor:
        """Text states ``[B, L, H]`` before a layer, after they attended to keys and values ``[B, N, 2 W]`` through one block."""
        own = self.enter.weight.dtype
        return self._block(source)(hidden.to(own), memory.to(own)).to(hidden.dtype)

    def _block(self, source: int) -> GatedBlock:
        return self.blocks[0 if self.shared else source]
