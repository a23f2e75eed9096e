"""DVP's connector: what the text asks for, as one visual prompt (arXiv 2306.00409, section 3).

Legend: B batch, N tokens of the deepest level, D encoder width, L text length, H LM width, W inner width, S candidate places,
T prompt tokens.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import torch
from annotated_types import Ge, Lt
from torch import Tensor, nn

from ..encoders.perception import Perception
from ..errors import check_choice
from ..registry import CONNECTORS
from .base import AttentionMaps, Connector
from .reading import levels_of
from .transformer import attend, check_heads

QUERIES = ('cls', 'eos', 'mean', 'text')
STARTS = ('released', 'small', 'gated')
SMALL = 0.02


class PromptAttention(nn.Module):
    """One cross-attention from text to visual tokens.

    Args:
        visual_size: D.
        hidden_size: H.
        width: W.
        tokens: T.
        heads: of the attention.
        dropout: of attention weights, in training.
        start: see :class:`CrossAttentionPrompt`.
        token_types: vectors added to the text's states and to the prompt.
        backend: of the attention.
    """

    def __init__(
        self,
        visual_size: int,
        hidden_size: int,
        width: int,
        tokens: int,
        heads: int,
        dropout: float,
        start: str,
        token_types: bool,
        backend: str,
    ):
        super().__init__()
        self.heads, self.dropout, self.backend = heads, dropout, backend
        self.norm = nn.Identity() if start == 'released' else nn.LayerNorm(visual_size)
        self.to_query = nn.Linear(hidden_size, width)
        self.to_key, self.to_value = nn.Linear(visual_size, width), nn.Linear(visual_size, width)
        self.leave = nn.Linear(width, hidden_size)
        self.gate = nn.Parameter(torch.zeros(())) if start == 'gated' else None
        self.offsets = nn.Parameter(SMALL * torch.randn(tokens, width)) if tokens > 1 else None
        self.token_types = nn.Embedding(2, hidden_size) if token_types else None
        if start != 'released':
            for parameter in (self.leave.weight, *(() if self.token_types is None else (self.token_types.weight,))):
                nn.init.normal_(parameter, std=SMALL)
            nn.init.zeros_(self.leave.bias)

    def forward(self, visual: Tensor, asked: Tensor, weights: Tensor, watched: list[Tensor] | None) -> Tensor:
        """The prompt ``[B, T, H]``.

        Args:
            visual: ``[B, N, D]``.
            asked: ``[B, Q, H]`` text states that ask.
            weights: ``[B, Q]``, how much of what each found is taken; each row adds up to 1.
            watched: where the attention ``[B, heads, T, N]`` of the prompt is noted, states that ask counted by ``weights``.
        """
        visual, query = self.norm(visual), self.to_query(asked)
        tokens = 1
        if self.offsets is not None:
            tokens = len(self.offsets)
            query = (query[:, None] + self.offsets[:, None]).flatten(1, 2)
        key, value = self.to_key(visual), self.to_value(visual)
        if watched is not None:
            shares = _weights(query, key, self.heads).unflatten(2, (tokens, -1))
            watched.append((shares * weights[:, None, None, :, None]).sum(3))
        found = attend(query, key, value, self.heads, self.backend, self.dropout if self.training else 0.0)
        prompt = self.leave((found.unflatten(1, (tokens, -1)) * weights[:, None, :, None]).sum(2))
        if self.token_types is not None:
            prompt = prompt + self.token_types.weight[1]
        return prompt if self.gate is None else self.gate.tanh() * prompt


@CONNECTORS.register_module()
class CrossAttentionPrompt(Connector):
    """DVP: the text as it is at the layer where the prompt enters attends to all visual tokens; what it finds is the prompt.

    No residual and no output norm. Its parameters are 4 linear maps with bias: for one prompt token D -> W twice, H -> W, W -> H.

    Args:
        widths: D of each level; the deepest one is read, all of its tokens.
        hidden_size: H; given by the language model.
        query: whose state asks: 'cls', the first of the span the connector may read; 'eos', the last one; 'mean' of the span;
            'text', every token of it, and the mean of what they found is taken.
        tokens: T; from two on, each prompt token has a learned vector that is added to its query.
        width: W; H unless told.
        heads: of the attention.
        dropout: of attention weights, in training.
        start: how the prompt begins. 'released': visual tokens are not normed, all maps at PyTorch's default. 'small': visual
            tokens are normed (LayerNorm), and the last map is drawn from N(0, 0.02). 'gated': besides, the prompt is multiplied
            by the tanh of a learned number that is 0 at the start.
        token_types: add one learned vector to every text state and another to the prompt where it enters, as DVP does in BERT and
            T5: drawn from N(0, 1) with ``start='released'``, which is the released code's, else from N(0, 0.02).
        targets: S, places a prompt may enter at, with a cross-attention each: what a placement search trains. One unless told.
        attention: 'auto' | 'xformers' | 'sdpa' | 'eager'.
    """

    reads = 'levels'
    needs_query = True

    def __init__(
        self,
        widths: list[int],
        hidden_size: int,
        query: Literal['cls', 'eos', 'mean', 'text'] = 'cls',
        tokens: Annotated[int, Ge(1)] = 1,
        width: Annotated[int, Ge(1)] | None = None,
        heads: Annotated[int, Ge(1)] = 12,
        dropout: Annotated[float, Ge(0), Lt(1)] = 0.1,
        start: Literal['released', 'small', 'gated'] = 'small',
        token_types: bool = False,
        targets: Annotated[int, Ge(1)] = 1,
        attention: str = 'auto',
    ):
        super().__init__()
        check_choice('CrossAttentionPrompt', 'query', query, QUERIES)
        check_choice('CrossAttentionPrompt', 'start', start, STARTS)
        width = hidden_size if width is None else width
        check_heads('CrossAttentionPrompt', width, heads, attention)
        self.asks, self.num_sources, self.tokens_per_source = query, targets, tokens
        self.places = nn.ModuleList(
            PromptAttention(widths[-1], hidden_size, width, tokens, heads, dropout, start, token_types, attention)
            for _ in range(targets)
        )
        self._maps: AttentionMaps | None = None

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict:
        """For dry runs: a narrow inner width."""
        return {**arguments, 'width': 16, 'heads': 2}

    def query(self, perception: Perception, source: int, hidden: Tensor, span: Tensor) -> Tensor:
        """The prompt ``[B, T, H]`` for one place."""
        asked, weights = who_asks(self.asks, hidden, span)
        watched: list[Tensor] | None = None if self._maps is None else []
        prompt = self.places[source](levels_of(perception)[-1], asked, weights.to(hidden.dtype), watched)
        if watched:
            self._maps.append((source, watched[0]))
        return prompt

    def shift(self, source: int) -> Tensor | None:
        """What is added to every text state ``[H]`` where the prompt enters; None without token types."""
        types = self.places[source].token_types
        return None if types is None else types.weight[0]

    @contextlib.contextmanager
    def watching(self) -> Iterator[AttentionMaps]:
        """Within this context every call notes its source and what its prompt attends to ``[B, heads, T, N]``, 1 in all over N."""
        self._maps = []
        try:
            yield self._maps
        finally:
            self._maps = None


def who_asks(query: str, hidden: Tensor, span: Tensor) -> tuple[Tensor, Tensor]:
    """The states that ask ``[B, Q, H]`` and what each counts ``[B, Q]``.

    Args:
        query: 'cls' | 'eos' | 'mean' | 'text'.
        hidden: ``[B, L, H]``.
        span: ``[B, L]`` bool.
    """
    counts = span.sum(1, keepdim=True).clamp(min=1)
    if query == 'text':
        return hidden, span / counts
    if query == 'mean':
        asked = (hidden * span[:, :, None]).sum(1) / counts
    else:
        columns = torch.arange(span.shape[1], device=span.device)
        first = span.long().argmax(1)
        place = first if query == 'cls' else (columns * span).argmax(1)
        asked = hidden[torch.arange(len(hidden), device=hidden.device), place]
    return asked[:, None], torch.ones_like(asked[:, :1])


def _weights(query: Tensor, key: Tensor, heads: int) -> Tensor:
    """Attention weights ``[B, heads, Q, N]`` of ``query [B, Q, W]`` over ``key [B, N, W]``."""
    query, key = (t.detach().unflatten(-1, (heads, -1)).transpose(1, 2) for t in (query, key))
    return (query @ key.transpose(-1, -2) * query.shape[-1] ** -0.5).float().softmax(-1)
