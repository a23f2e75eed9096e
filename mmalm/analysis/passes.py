"""The passes of a model whose costs are counted, on made-up inputs of the meta device.

A model of another build offers its own: ``cost_passes(workload)`` returns an object with ``training() -> loss`` and, where it
generates, the rest of :class:`LanguagePasses`.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import ConfigError
from ..injection import Injected
from ..losses import next_token_losses
from .workload import Workload


class TextPasses:
    """What passes of a model around an injected language model share."""

    def __init__(self, model: Any, workload: Workload):
        self.model, self.size = model, workload
        self.lm = model.language_model
        limit = self.lm.anatomy.max_positions
        if limit is not None and workload.text_length > limit:
            raise ConfigError(
                f'a text of {workload.text_length} tokens is longer than the {limit} that {self.lm.name} numbers: '
                'lower the text length.'
            )

    def _context(self, readable: int) -> Injected | None:
        span = torch.ones(self.size.batch_size, readable, dtype=torch.bool, device='meta')
        encoder = self.model.encoder
        return self.model.context({encoder.takes: encoder.blank(self.size.batch_size, 'meta')})(span)

    @staticmethod
    def _ids(rows: int, length: int) -> Tensor:
        return torch.zeros(rows, length, dtype=torch.long, device='meta')


class ClassifyingPasses(TextPasses):
    """Training of a model that classifies; all of the text is the question, and a prediction is a forward pass of it."""

    def training(self) -> Tensor:
        """The loss of one batch."""
        ids = self._ids(self.size.batch_size, self.size.text_length)
        states = self.lm.states(ids, None, injection=self._context(self.size.text_length))
        return self.model.head.classify(self.lm.feature(states, None)).sum()


class LanguagePasses(TextPasses):
    """Training and generation of a model around an injected causal language model.

    Attributes:
        beams: how many rows of text generation keeps a sample.
        cached: whether generation keeps keys and values.
    """

    def __init__(self, model: Any, workload: Workload):
        super().__init__(model, workload)
        self.beams = int((getattr(model.head, 'generate', None) or {}).get('num_beams', 1))
        self.cached = model.injector.visibility == 'causal'

    def training(self) -> Tensor:
        """The loss of one batch; the head makes logits where its targets are."""
        length = self.size.text_length
        all_text = getattr(self.model.head, 'targets', 'answer') == 'text'
        keep = length if all_text else self.size.answer_length + 1
        ids = self._ids(self.size.batch_size, length)
        logits = self.lm(ids, None, injection=self._context(length), logits_to_keep=keep)
        return next_token_losses(logits, ids[:, -keep:]).sum()

    def logits_bytes(self) -> int:
        """Bytes of the loss's logits in float32 and of their gradient."""
        all_text = getattr(self.model.head, 'targets', 'answer') == 'text'
        rows = self.size.text_length if all_text else self.size.answer_length + 1
        return 2 * 4 * self.size.batch_size * rows * self.lm.model.config.vocab_size

    def perceive(self) -> None:
        """Encoder and connector, once a sample; the soft prompt too."""
        self.injection = self._context(self.size.question_length)

    def prefill(self) -> Any:
        """The question of one beam a sample; returns the filled cache, or None."""
        self.cache = self.lm.new_cache(self.injection) if self.cached else None
        ids = self._ids(self.size.batch_size, self.size.question_length)
        self.lm(ids, None, injection=self.injection, cache=self.cache, logits_to_keep=1)
        return self.cache

    def token(self, index: int) -> Any:
        """One further token of one beam a sample, ``index`` tokens after the first; without a cache, the text so far."""
        new = 1 if self.cached else self.size.question_length + 1 + index
        ids = self._ids(self.size.batch_size, new)
        self.lm(ids, None, injection=self.injection, cache=self.cache, logits_to_keep=1)
        return self.cache


def passes_of(model: nn.Module, workload: Workload) -> Any:
    """How to run ``model``.

    Raises:
        ConfigError: nobody has said how.
    """
    if hasattr(model, 'cost_passes'):
        return model.cost_passes(workload)
    if all(hasattr(model, name) for name in ('context', 'language_model', 'injector', 'plan')):
        classifies = 'classified' in getattr(model.head, 'predicts', ())
        return ClassifyingPasses(model, workload) if classifies else LanguagePasses(model, workload)
    raise ConfigError(
        f'{type(model).__name__} does not say how its costs are counted: give it a method cost_passes(workload) that returns '
        'an object with training(), which makes the loss of one batch.'
    )


def cache_bytes(cache: Any) -> int:
    """Bytes of the keys and values a transformers cache holds."""
    held: Iterator[Tensor] = (t for layer in cache.layers for t in (layer.keys, layer.values))
    return sum(tensor.nbytes for tensor in held)
