"""What goes into a language model beside its text: one object that a head passes on from the model to ``lm.forward``.

Legend: B batch, L text length, E token embedding width, H LM width, P soft prompt length, T tokens per source.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from torch import Tensor

from ..errors import ConfigError
from .cache import PerceptualCache
from .injector import Adapter, Injector
from .prefix import SharedPrefix
from .prompt import Prompt
from .tokens import PerceptualTokens


@dataclass(frozen=True)
class Injected:
    """Perceptual tokens and a soft prompt for B samples, and the injector that puts them in.

    Attributes:
        injector: of the language model; with ``plan=None`` for a soft prompt alone.
        tokens: the perceptual tokens, for the plan's sources.
        prompt: in front of the text.
        adapters: what changes the layers.
        prefix: what passes over the same text share below their injections.
    """

    injector: Injector
    tokens: PerceptualTokens | None = None
    prompt: Prompt | None = None
    adapters: Sequence[Adapter] = ()
    prefix: SharedPrefix | None = None

    def __post_init__(self) -> None:
        if self.tokens is None:
            return
        plan, given = self.injector.plan, self.tokens.num_sources
        if plan is None:
            raise ConfigError('perceptual tokens were given to an injector without a plan that says where they enter.')
        if given is not None and given != plan.num_sources:
            raise ConfigError(f'the plan injects {plan.num_sources} sources, the perceptual tokens have {given}.')

    @property
    def prompt_length(self) -> int:
        """P; 0 without a prompt."""
        return 0 if self.prompt is None else len(self.prompt)

    @property
    def cacheable(self) -> bool:
        """Whether decoding may keep a cache: a token that sees what comes later (``visibility='all'``) cannot be kept."""
        return self.tokens is None or self.injector.visibility == 'causal' or not self.injector.plan.inserts

    def new_cache(self) -> PerceptualCache:
        """An empty key-value cache for passes under this injection."""
        tokens = self.tokens
        return PerceptualCache() if tokens is None else PerceptualCache(self.injector.plan, tokens.tokens_per_source)

    def select(self, samples: Tensor) -> 'Injected':
        """The same for some samples, by index ``[B']``; an index may come more than once."""
        return self if self.tokens is None else replace(self, tokens=self.tokens.select(samples))

    def follow_columns(self, order: Tensor) -> 'Injected':
        """The same for a text whose columns have moved: ``order [B, L]`` says where each came from."""
        return self if self.tokens is None else replace(self, tokens=self.tokens.follow_columns(order))

    def open(
        self, gradient_checkpointing: bool = False, tree: Tensor | None = None
    ) -> contextlib.AbstractContextManager:
        """A context in which every pass of the language model sees the injection; see :meth:`Injector.inject`."""
        return self.injector.inject(self.tokens, self.prompt, gradient_checkpointing, self.adapters, tree, self.prefix)
