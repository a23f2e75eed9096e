"""Where perceptual tokens come from: ready before the language model starts, made from its states on the way, or attended to.

Legend: B batch, L text length, H LM width, S sources, T tokens per source. Beam search hands the language model B' = B x beams
rows, a sample's beams side by side.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from ..errors import ConfigError, MmalmError


class PerceptualTokens(ABC):
    """Perceptual tokens, asked for at the layer they enter.

    Attributes:
        tokens_per_source: T, tokens that a source puts into the sequence.
        num_sources: S, where it is known before a layer asks.
        present: ``[B]`` bool, False for samples that are given nothing: their text runs as if nothing were injected. None: all are
            given theirs.
    """

    tokens_per_source: int
    num_sources: int | None = None
    present: Tensor | None = None

    @abstractmethod
    def __len__(self) -> int:
        """B."""

    def at(self, source: int, hidden: Tensor, real: Tensor) -> Tensor:
        """Tokens ``[B', T, H]`` of one source.

        Args:
            source: which source.
            hidden: ``[B', L, H]`` text states entering the layer, soft prompt left out; in the decoder of an encoder-decoder the
                encoder's final states.
            real: ``[B', L]`` bool, False at padding.
        """
        raise MmalmError(f'{type(self).__name__} puts no tokens into the sequence: the plan must use attend.')

    def attend(self, source: int, hidden: Tensor, recompute: bool = False) -> Tensor:
        """Text states ``[B', L, H]`` after they attended to one source; each position for itself, whatever else is there.

        Args:
            source: which source.
            hidden: ``[B', L, H]`` text states entering the layer, soft prompt left out; in decoding, the new positions.
            recompute: what the block computes on the way is not kept for backward, but computed again there.
        """
        raise MmalmError(f'{type(self).__name__} holds nothing that text could attend to: the plan must use insert.')

    def shift(self, source: int) -> Tensor | None:
        """What is added to every text state ``[H]`` at the layer where a source enters, after its tokens were made; None: nothing.

        Text that comes later, in decoding, is shifted as the first was. A soft prompt is not.
        """
        return None

    @abstractmethod
    def select(self, samples: Tensor) -> 'PerceptualTokens':
        """The tokens of some samples, by index."""

    def follow_columns(self, order: Tensor) -> 'PerceptualTokens':
        """The same tokens for a text whose columns have moved: ``order [B, L]`` says where each came from."""
        return self

    def given_to(self, present: Tensor | None) -> 'PerceptualTokens':
        """The same tokens for some samples alone; see ``present``."""
        self.present = present
        return self

    def absent(self, rows: int) -> Tensor | None:
        """``[B', 1, 1]`` bool, True at rows that are given nothing; None where all are given theirs."""
        return None if self.present is None else ~expand_rows(self.present, rows)[:, None, None]

    def _present_of(self, samples: Tensor) -> Tensor | None:
        return None if self.present is None else self.present[samples]


class StaticTokens(PerceptualTokens):
    """Tokens that depend on perception alone.

    Args:
        tokens: ``[B, S, T, H]``.
        shift: what :meth:`shift` says of a source; nothing is shifted unless told.
    """

    def __init__(self, tokens: Tensor, shift: Callable[[int], Tensor | None] | None = None):
        self.tokens, self._shift = tokens, shift
        self.num_sources, self.tokens_per_source = tokens.shape[1:3]

    def __len__(self) -> int:
        return len(self.tokens)

    def at(self, source: int, hidden: Tensor, real: Tensor) -> Tensor:
        return expand_rows(self.tokens[:, source], len(hidden))

    def shift(self, source: int) -> Tensor | None:
        return None if self._shift is None else self._shift(source)

    def select(self, samples: Tensor) -> 'StaticTokens':
        return StaticTokens(self.tokens[samples], self._shift).given_to(self._present_of(samples))


class QueriedTokens(PerceptualTokens):
    """Tokens conditioned on the text: made at their layer from the text states of a span fixed before generation.

    Args:
        make: ``make(source, rows [B'], query [B', Ls, H], span [B', Ls] bool) -> [B', T, H]``; ``rows`` says which sample
            each row belongs to.
        span: ``[B, Ls]`` bool over the first Ls text columns, True where the connector may read: the question, never the answer.
        tokens_per_source: T.
        rows: ``[B]`` the sample of each row; 0 to B - 1 unless told.
        shift: what :meth:`shift` says of a source; nothing is shifted unless told.
    """

    def __init__(
        self,
        make: Callable[[int, Tensor, Tensor, Tensor], Tensor],
        span: Tensor,
        tokens_per_source: int,
        rows: Tensor | None = None,
        shift: Callable[[int], Tensor | None] | None = None,
    ):
        self.make, self.span, self.tokens_per_source, self._shift = make, span, tokens_per_source, shift
        self.rows = torch.arange(len(span), device=span.device) if rows is None else rows

    def __len__(self) -> int:
        return len(self.span)

    def at(self, source: int, hidden: Tensor, real: Tensor) -> Tensor:
        length = self.span.shape[1]
        span = expand_rows(self.span, len(hidden)).bool() & real[:, :length]
        return self.make(source, expand_rows(self.rows, len(hidden)), hidden[:, :length], span)

    def shift(self, source: int) -> Tensor | None:
        return None if self._shift is None else self._shift(source)

    def select(self, samples: Tensor) -> 'QueriedTokens':
        span, rows = self.span[samples], self.rows[samples]
        found = QueriedTokens(self.make, span, self.tokens_per_source, rows, self._shift)
        return found.given_to(self._present_of(samples))

    def follow_columns(self, order: Tensor) -> 'QueriedTokens':
        span = torch.nn.functional.pad(self.span.bool(), (0, order.shape[1] - self.span.shape[1]))
        found = QueriedTokens(self.make, span.gather(1, order), self.tokens_per_source, self.rows, self._shift)
        return found.given_to(self.present)


class AttendedMemory(PerceptualTokens):
    """Nothing enters the sequence; the text's states attend to a memory.

    Args:
        block: ``block(source, remembered [B', ...], hidden [B', L, H]) -> [B', L, H]``: cross-attention and what goes with it.
        memory: ``[B, T, H']``.
        num_sources: S, the number of blocks.
        remember: ``remember(source, memory) -> [B, ...]``: what a block is given of the memory, as keys and values; made when the
            block first runs and kept, since every decoding step asks for it again. The memory itself unless told.
    """

    tokens_per_source = 0

    def __init__(
        self,
        block: Callable[[int, Tensor, Tensor], Tensor],
        memory: Tensor,
        num_sources: int,
        remember: Callable[[int, Tensor], Tensor] = lambda source, memory: memory,
    ):
        self.block, self.memory, self.num_sources, self.remember = block, memory, num_sources, remember
        self._remembered: dict[tuple[int, int], Tensor] = {}

    def __len__(self) -> int:
        return len(self.memory)

    def attend(self, source: int, hidden: Tensor, recompute: bool = False) -> Tensor:
        place = source, len(hidden)
        if place not in self._remembered:
            self._remembered[place] = expand_rows(self.remember(source, self.memory), len(hidden))
        given = source, self._remembered[place], hidden
        return checkpoint(self.block, *given, use_reentrant=False) if recompute else self.block(*given)

    def select(self, samples: Tensor) -> 'AttendedMemory':
        found = AttendedMemory(self.block, self.memory[samples], self.num_sources, self.remember)
        return found.given_to(self._present_of(samples))


def expand_rows(tensor: Tensor, rows: int) -> Tensor:
    """Repeat each of B rows so that there are ``rows``, a sample's copies side by side, as generation lays beams."""
    if rows % len(tensor):
        raise ConfigError(f'perceptual tokens of {len(tensor)} samples do not fit {rows} rows of text.')
    return tensor if len(tensor) == rows else tensor.repeat_interleave(rows // len(tensor), dim=0)
