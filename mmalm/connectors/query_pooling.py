"""Tokens pooled by learned queries, for layer 0 or for inner layers: DePALM-QP (arXiv 2403.13499)."""

from pathlib import Path
from typing import Annotated

import torch
from annotated_types import Ge, Lt
from torch import Tensor, nn

from ..encoders.perception import Perception
from ..errors import ConfigError
from ..registry import CONNECTORS
from .base import Connector, scale_start
from .reading import levels_of
from .resampler import EPSILON
from .transformer import QueryMapper, check_heads


def level_of(target: int, targets: int, levels: int) -> int:
    """Which of so many levels the target reads: deeper targets deeper levels, the last target the deepest."""
    return levels - 1 - (targets - 1 - target) * levels // targets


@CONNECTORS.register_module()
class QueryPooling(Connector):
    """DePALM's query-pooling mapper: a level's tokens and learned queries through a few transformer layers, what the queries become
    projected to H. The layers are post-norm, with GELU and a feed-forward network as wide as its input.

    With ``targets=1``, for layer 0, the deepest level alone is read. With more, for as many inner layers, source j reads level
    ``K - 1 - (S - 1 - j) K // S`` through one mapper and projection for all.

    Args:
        widths: D of each level; given by the encoder.
        hidden_size: H; given by the language model.
        tokens: learned queries, and so T.
        targets: S, how many layers tokens are made for.
        width: the inner width.
        layers: transformer layers.
        heads: of their attention.
        dropout: in the transformer layers, in training.
        token_norm: each target norms its tokens (RMSNorm) and adds a learned bias, as released for inner layers.
        attention: 'auto' | 'xformers' | 'sdpa' | 'eager'.
        init_scale: factor on PyTorch's default initialisation of the projection to H; with ``token_norm``, of the norms.
    """

    reads = 'levels'

    def __init__(
        self,
        widths: list[int],
        hidden_size: int,
        tokens: Annotated[int, Ge(1)] = 32,
        targets: Annotated[int, Ge(1)] = 1,
        width: Annotated[int, Ge(1)] = 1024,
        layers: Annotated[int, Ge(1)] = 2,
        heads: Annotated[int, Ge(1)] = 8,
        dropout: Annotated[float, Ge(0), Lt(1)] = 0.1,
        token_norm: bool = False,
        attention: str = 'auto',
        init_scale: float = 1.0,
    ):
        super().__init__()
        check_heads('QueryPooling', width, heads, attention)
        if len(set(widths)) > 1 and targets > 1:
            raise ConfigError(
                f'QueryPooling: one mapper for several levels needs levels of equal width, found {widths}.'
            )
        self.num_sources, self.tokens_per_source = targets, tokens
        self.read = [level_of(j, targets, len(widths)) for j in range(targets)]
        self.enter = nn.Linear(widths[-1], width)
        self.mapper = QueryMapper(width, tokens, layers, heads, dropout=dropout, backend=attention)
        self.leave = nn.Linear(width, hidden_size)
        self.norms = nn.ModuleList(nn.RMSNorm(hidden_size, eps=EPSILON) for _ in range(targets)) if token_norm else None
        scale_start(self.leave if self.norms is None else self.norms, init_scale)
        self.biases = nn.Parameter(torch.zeros(targets, hidden_size)) if token_norm else None

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict:
        """For dry runs: a narrow inner width and a few tokens."""
        return {**arguments, 'width': 16, 'heads': 2, 'tokens': min(arguments.get('tokens', 32), 3)}

    def forward(self, perception: Perception) -> Tensor:
        """Perceptual tokens ``[B, S, T, H]``."""
        levels = levels_of(perception)
        pooled = {level: self.leave(self.mapper(self.enter(levels[level]))) for level in dict.fromkeys(self.read)}
        tokens = [pooled[level] for level in self.read]
        if self.norms is not None:
            tokens = [norm(t) + bias for norm, t, bias in zip(self.norms, tokens, self.biases, strict=True)]
        return torch.stack(tokens, 1)
