"""Transformer layers for connectors, with attention through the switch over kernels.

Legend: B batch, N tokens, M keys, W width.
"""

from typing import Literal

import torch
from torch import Tensor, nn

from ..attention import BACKENDS, attention
from ..errors import ConfigError, check_choice

ACTIVATIONS = {'gelu': nn.GELU, 'relu': nn.ReLU}


def check_heads(owner: str, width: int, heads: int, backend: str) -> None:
    """Refuse heads that do not divide the width, and an attention that does not exist."""
    check_choice(owner, 'attention', backend, BACKENDS)
    if width % heads:
        raise ConfigError(f'{owner}: a width of {width} cannot be divided among {heads} heads.')


def attend(query: Tensor, key: Tensor, value: Tensor, heads: int, backend: str, dropout: float = 0.0) -> Tensor:
    """Attention of ``query [B, N, W]`` over ``key`` and ``value [B, M, W]``, every query over every key; ``[B, N, W]``."""
    split = (t.unflatten(-1, (heads, -1)).transpose(1, 2) for t in (query, key, value))
    return attention(*split, backend=backend, dropout=dropout).transpose(1, 2).flatten(2)


class TransformerLayer(nn.Module):
    """Self-attention over all tokens and a feed-forward network, each with a residual.

    Args:
        width: W.
        heads: of the attention.
        inner: width of the feed-forward network.
        activation: of the feed-forward network.
        norm_first: LayerNorm in front of each part, within the residual; else behind the sum.
        dropout: of attention weights, of the network's inner states, and of what each part adds.
        backend: of the attention.
    """

    def __init__(
        self,
        width: int,
        heads: int,
        inner: int,
        activation: Literal['gelu', 'relu'] = 'gelu',
        norm_first: bool = False,
        dropout: float = 0.0,
        backend: str = 'auto',
    ):
        super().__init__()
        self.heads, self.norm_first, self.backend = heads, norm_first, backend
        self.to_qkv = nn.Linear(width, 3 * width)
        self.from_heads = nn.Linear(width, width)
        self.feed_forward = nn.Sequential(
            nn.Linear(width, inner), ACTIVATIONS[activation](), nn.Dropout(dropout), nn.Linear(inner, width)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens: Tensor) -> Tensor:
        """``[B, N, W]`` to the same shape."""
        for part, norm in zip((self._attend, self.feed_forward), self.norms, strict=True):
            added = self.dropout(part(norm(tokens) if self.norm_first else tokens))
            tokens = tokens + added if self.norm_first else norm(tokens + added)
        return tokens

    def _attend(self, tokens: Tensor) -> Tensor:
        dropout = self.dropout.p if self.training else 0.0
        return self.from_heads(attend(*self.to_qkv(tokens).chunk(3, -1), self.heads, self.backend, dropout))


class QueryMapper(nn.Module):
    """Learned queries behind the tokens, transformer layers over all: what the queries become.

    Args:
        width: W.
        queries: m; 0 for none: then all tokens are given.
        layers: how many.
        ratio: inner width of the feed-forward networks to W.
        heads, activation, norm_first, dropout, backend: of each layer.
    """

    def __init__(
        self,
        width: int,
        queries: int,
        layers: int,
        heads: int,
        ratio: int = 1,
        activation: Literal['gelu', 'relu'] = 'gelu',
        norm_first: bool = False,
        dropout: float = 0.0,
        backend: str = 'auto',
    ):
        super().__init__()
        self.queries = nn.Parameter(torch.randn(queries, width)) if queries else None
        self.layers = nn.Sequential(
            *(
                TransformerLayer(width, heads, ratio * width, activation, norm_first, dropout, backend)
                for _ in range(layers)
            )
        )

    def forward(self, tokens: Tensor) -> Tensor:
        """``[B, N, W]`` to ``[B, m, W]``, or without queries ``[B, N, W]``."""
        if self.queries is None:
            return self.layers(tokens)
        tokens = torch.cat([tokens, self.queries.expand(len(tokens), -1, -1)], dim=1)
        return self.layers(tokens)[:, -len(self.queries) :]
