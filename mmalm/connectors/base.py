"""What a connector is.

Legend: B batch, K levels, D encoder width, L text length, H LM width, S sources, T tokens per source.
"""

from abc import abstractmethod
from contextlib import AbstractContextManager
from typing import Literal

import torch
from torch import Tensor, nn

from ..encoders.perception import Perception
from ..errors import ConfigError

# a call's source, and the attention [B, heads, T, N] of its T tokens over the N of the deepest level
AttentionMaps = list[tuple[int, Tensor]]


def scale_start(last: nn.Module, scale: float) -> None:
    """Scale the initial weights of what makes a connector's tokens; smaller tokens disturb the frozen model less at first."""
    with torch.no_grad():
        for parameter in last.parameters():
            parameter.mul_(scale)


class Connector(nn.Module):
    """Turns a :class:`Perception` into S sources of T perceptual tokens.

    Subclasses give either :meth:`forward`, for tokens that depend on perception alone, or set ``needs_query`` and give
    :meth:`query`, for tokens conditioned on the text, asked for at the layer where they enter. With ``attends`` nothing enters the
    sequence: :meth:`forward` gives a memory ``[B, 1, T, H']``, and the text's states attend to it by :meth:`attend`.

    Attributes:
        num_sources: S; with ``attends``, the number of its blocks.
        tokens_per_source: T.
        reads: 'cls' where summary tokens are all it looks at, 'levels' where it reads ``perception.levels``; a feature cache
            keeps what is read.
        needs_query: whether tokens are made from language-model states.
        attends: whether the text attends to it, instead of being given tokens.
        asks: with ``needs_query``, which state of the text it is asked by, one of the language model's ``queries``.
    """

    num_sources: int
    tokens_per_source: int = 1
    reads: Literal['cls', 'levels'] = 'cls'
    needs_query: bool = False
    attends: bool = False
    asks: str | None = None

    @abstractmethod
    def forward(self, perception: Perception) -> Tensor:
        """Perceptual tokens ``[B, S, T, H]``."""

    def query(self, perception: Perception, source: int, hidden: Tensor, span: Tensor) -> Tensor:
        """Perceptual tokens ``[B, T, H]`` of one source, conditioned on the text.

        Args:
            perception: features of B samples (rows repeated for beams).
            source: which source.
            hidden: ``[B, Ls, H]`` states of the span the connector may read, entering the layer.
            span: ``[B, Ls]`` bool, True at the real tokens of the span.
        """
        raise TypeError(f'{type(self).__name__} makes its tokens without a query.')

    def shift(self, source: int) -> Tensor | None:
        """What is added to every text state ``[H]`` where a source enters, after its tokens were made; None for nothing."""
        return None

    def remember(self, source: int, memory: Tensor) -> Tensor:
        """What a block is given of the memory ``[B, T, H']``, made once and not at each token: keys and values, for instance."""
        return memory

    def attend(self, source: int, memory: Tensor, hidden: Tensor) -> Tensor:
        """Text states ``[B, L, H]`` after one block of cross-attention; each position for itself, padding included.

        Args:
            source: which block.
            memory: what :meth:`remember` gave (rows repeated for beams).
            hidden: ``[B, L, H]`` text states entering the layer; in decoding, the new positions alone.
        """
        raise TypeError(f'{type(self).__name__} gives tokens, nothing to attend to.')

    def watching(self) -> AbstractContextManager[AttentionMaps]:
        """A context that gives a list, to which each call within it adds ``(source, weights)``: ``AttentionMaps``.

        ``weights [B, heads, T, N]``, without gradient: what each of the source's tokens takes of the N tokens of the deepest
        level, prefix tokens included, 1 in all over N. A beam search calls with ``B x beams`` rows, a sample's side by side.
        Entering computes nothing, and outside of it nothing is noted or kept.

        Raises:
            ConfigError: this connector does not say; at once, not on entering.
        """
        raise ConfigError(
            f'{type(self).__name__} does not say what it attends to; CrossAttentionPrompt does, and any connector with a method '
            'watching().'
        )
