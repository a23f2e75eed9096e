"""An encoder-decoder from transformers (T5), unmodified, that perceptual tokens can be injected into one stack of.

Legend: B batch, L text length, P soft prompt length, W perceptual tokens present at a layer, H LM width.
"""

from collections.abc import Sequence
from typing import Any, Literal

from torch import Tensor

from ..errors import check_choice
from ..injection import Injected, InjectionPlan, Injector
from ..registry import LANGUAGE_MODELS
from .base import LanguageModel, real_behind_prompt
from .encoder_lm import bidirectional_visibility

STACKS = ('decoder', 'encoder')


@LANGUAGE_MODELS.register_module()
class Seq2SeqLM(LanguageModel):
    """Wraps one transformers encoder-decoder; further arguments as of :class:`LanguageModel`.

    The encoder reads the text, the decoder its start token. ``anatomy`` describes the stack of injection, where layers are counted;
    the other one stands beside it, where adapters can be put too.

    - In the decoder the sequence is [W perceptual | P prompt | start]. A connector that asks for a query gets the encoder's final
      states.
    - In the encoder it is [W perceptual | P prompt | text], and the decoder attends to all that the last layer gives.

    Relative positions: a perceptual token stands at one of the W places right before the first real token of the sequence, wherever
    padding is; tokens that come in at a later layer push the earlier ones further out. The bias between text tokens stays, in every
    layer, what the model itself makes of their distance. (The released DVP loses the bias in all layers but the first.)

    Args:
        insert_into: 'decoder', as DVP, or 'encoder'.
    """

    kind = 'encoder-decoder'

    def __init__(
        self,
        model: str | None = None,
        config: dict | None = None,
        insert_into: Literal['decoder', 'encoder'] = 'decoder',
        tokenizer: str | None = None,
        attention: str = 'auto',
        dtype: str = 'float32',
        gradient_checkpointing: bool = False,
        added_tokens: Sequence[str] = (),
    ):
        check_choice('Seq2SeqLM', 'insert_into', insert_into, STACKS)
        self.__dict__['insert_into'] = insert_into
        super().__init__(model, config, tokenizer, attention, dtype, gradient_checkpointing, added_tokens)

    def _anatomy_options(self) -> dict[str, Any]:
        return {'stack': self.insert_into}

    def injector(self, plan: InjectionPlan | None, visibility: str = 'causal') -> Injector:
        """An injector for this model.

        In the decoder 'all' lets perceptual tokens see the start token, as the released DVP does; nothing leaks through that.
        """
        visible = visibility if self.insert_into == 'decoder' else bidirectional_visibility(self, visibility)
        return Injector(self.anatomy, plan, visible)

    def states(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, *, injection: Injected | None = None
    ) -> Tensor:
        self._check_text(injection, input_ids, attention_mask)
        prompt_length = 0 if injection is None else injection.prompt_length
        config = self.model.config
        first = self.pad_id if config.decoder_start_token_id is None else config.decoder_start_token_id
        start = input_ids.new_full((len(input_ids), 1), first)
        in_decoder = self.insert_into == 'decoder'
        if prompt_length and in_decoder:
            start = self._with_place_holders(start, prompt_length)
        elif prompt_length:
            input_ids = self._with_place_holders(input_ids, prompt_length)
            attention_mask = real_behind_prompt(attention_mask, prompt_length)
        shared = injection.prefix if injection is not None and in_decoder else None
        known = None if shared is None or shared.read is None else (shared.read,)
        with self._injected(injection):
            found = self.model(
                input_ids,
                attention_mask=attention_mask,
                decoder_input_ids=start,
                encoder_outputs=known,
                use_cache=False,
            )
        if shared is not None:
            shared.read = found.encoder_last_hidden_state
        return found.last_hidden_state[:, -1:]

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, *, injection: Injected | None = None
    ) -> Tensor:
        """The same as :meth:`states`."""
        return self.states(input_ids, attention_mask, injection=injection)

    def feature(self, states: Tensor, attention_mask: Tensor | None = None) -> Tensor:
        """The start token's state ``[B, H]``."""
        return states[:, 0]
