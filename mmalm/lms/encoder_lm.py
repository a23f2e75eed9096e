"""A bidirectional text encoder from transformers (BERT, RoBERTa, MiniLM), unmodified, that perceptual tokens can be injected into.

Legend: B batch, L text length, H LM width.
"""

from typing import Any

import torch
from torch import Tensor

from ..errors import ConfigError
from ..injection import Injected, InjectionPlan, Injector
from ..padding import has_gap
from ..registry import LANGUAGE_MODELS
from .base import LanguageModel, real_behind_prompt


@LANGUAGE_MODELS.register_module()
class EncoderLM(LanguageModel):
    """Wraps one transformers encoder; arguments as of :class:`LanguageModel`.

    Text sees the perceptual tokens, they see the text and each other, nobody sees padding. They have no position and no token type:
    they enter behind the embedding layer. The pooler that some models have is left out.
    """

    kind = 'encoder'
    queries = ('cls', 'eos', 'mean', 'text')

    def injector(self, plan: InjectionPlan | None, visibility: str = 'causal') -> Injector:
        """An injector for this model; its perceptual tokens see all text whatever ``visibility`` says, and never padding."""
        return Injector(self.anatomy, plan, bidirectional_visibility(self, visibility))

    def states(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, *, injection: Injected | None = None
    ) -> Tensor:
        self._check_text(injection, input_ids, attention_mask)
        crowded = self._check_length(input_ids, attention_mask)
        prompt_length = 0 if injection is None else injection.prompt_length
        if prompt_length:
            if attention_mask is None:
                attention_mask = torch.ones_like(input_ids)
            input_ids = self._with_place_holders(input_ids, prompt_length)
            attention_mask = real_behind_prompt(attention_mask, prompt_length)
        call: dict[str, Any] = {'attention_mask': attention_mask}
        if prompt_length or crowded or _padded_in_front(attention_mask):
            call['position_ids'] = self.anatomy.positions(attention_mask)
            call['token_type_ids'] = torch.zeros_like(
                input_ids
            )  # else looked up by position, of which there are too few
        with self._injected(injection):
            states = self.model(input_ids, **call).last_hidden_state
        return states[:, prompt_length:]

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, *, injection: Injected | None = None
    ) -> Tensor:
        """The same as :meth:`states`: an encoder makes no logits."""
        return self.states(input_ids, attention_mask, injection=injection)


def _padded_in_front(mask: Tensor | None) -> bool:
    return mask is not None and mask.device.type != 'meta' and has_gap(mask)


def bidirectional_visibility(lm: LanguageModel, visibility: str) -> str:
    """Raise a ConfigError for 'all' in an encoder."""
    if visibility == 'all':
        raise ConfigError(
            f"visibility='all' is for causal language models: in {lm.name} perceptual tokens see all of the text anyway, and "
            'padding never. Leave visibility out.'
        )
    return visibility
