"""A frozen causal language model from transformers, unmodified, that perceptual tokens and a soft prompt can be injected into.

Legend: B batch, L text length, H LM width, E token embedding width, V vocabulary.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers import GenerationConfig

from ..errors import ConfigError
from ..injection import Injected, PerceptualCache, tree_positions
from ..padding import has_gap, to_left
from ..registry import LANGUAGE_MODELS
from .base import LanguageModel, check_room, real_behind_prompt
from .generation_options import DEFAULT_NEW_TOKENS, check_options, generation_settings
from .text_processor import over_text


@LANGUAGE_MODELS.register_module()
class CausalLM(LanguageModel):
    """Wraps one transformers causal language model.

    Args:
        model: a zoo name ('zoo:smollm2-135m-instruct'), a local folder, or a hub name.
        config: instead of ``model``: the model's transformers config as a dict with ``model_type``; weights are random.
        tokenizer: folder or hub name of the tokenizer, where it is not the model's own.
        added_tokens: texts that become one token each, in rows of the embedding matrix that the tokenizer does not use; nobody
            trained them.
        attention: auto | xformers | sdpa | eager.
        dtype: type the frozen weights are held in.
        gradient_checkpointing: recompute activations of layers, and of cross-attention between them, in backward, to save memory.
    """

    kind = 'causal'

    def __init__(
        self,
        model: str | None = None,
        config: dict | None = None,
        tokenizer: str | None = None,
        attention: str = 'auto',
        dtype: str = 'float32',
        gradient_checkpointing: bool = False,
        added_tokens: Sequence[str] = (),
    ):
        super().__init__(model, config, tokenizer, attention, dtype, gradient_checkpointing, added_tokens)
        self.model.generation_config = GenerationConfig()  # transformers would fill in what a call leaves open

    @property
    def state_size(self) -> int:
        return self.model.get_output_embeddings().in_features

    def encode_question(self, texts: Sequence[str], max_tokens: int | None = None) -> list[list[int]]:
        """Ids of each text with what the tokenizer puts in front, closed by the end-of-text token, which a classifier reads.

        Args:
            texts: B texts.
            max_tokens: longer texts are cut at their end to so many tokens, special ones included; no limit unless told.
        """
        end = self.tokenizer.eos_token_id
        if end is None:
            raise ConfigError('the tokenizer has no end-of-text token, at which a text could be read as a whole.')
        if max_tokens is not None:
            check_room(max_tokens, 1 + self.tokenizer.num_special_tokens_to_add())
        rows = super().encode_question(texts)
        rows = [
            row[:-1] if len(row) > 1 and row[-1] == end else row for row in rows
        ]  # some tokenizers close it themselves
        return [[*(row if max_tokens is None else row[: max_tokens - 1]), end] for row in rows]

    def feature(self, states: Tensor, attention_mask: Tensor | None) -> Tensor:
        """What a classifier reads ``[B, H]`` of :meth:`states`: at the last real token, which has seen the whole text.

        Args:
            states: ``[B, L, H]``.
            attention_mask: as given to :meth:`states`.
        """
        if attention_mask is None:
            return states[:, -1]
        last = attention_mask.shape[1] - 1 - attention_mask.long().flip(1).argmax(-1)
        return states[torch.arange(len(states), device=states.device), last]

    def states(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, *, injection: Injected | None = None
    ) -> Tensor:
        found, prompt_length = self._run(self.model.base_model, input_ids, attention_mask, injection)
        return found.last_hidden_state[:, prompt_length:]

    def new_cache(self, injection: Injected | None = None) -> PerceptualCache:
        """An empty key-value cache for passes under this injection."""
        return PerceptualCache() if injection is None else injection.new_cache()

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        *,
        injection: Injected | None = None,
        cache: PerceptualCache | None = None,
        logits_to_keep: int = 0,
        tree: Tensor | None = None,
    ) -> Tensor:
        """Logits of the text columns.

        Without ``injection`` this is transformers' own forward, bit for bit.

        Args:
            input_ids: ``[B, L]``; with a filled cache the new tokens only.
            attention_mask: ``[B, L]`` (with a cache: all columns so far), 0 at padding on either side.
            injection: perceptual tokens and soft prompt, for B samples.
            cache: filled as the pass goes; a later pass given the same cache continues from it.
            logits_to_keep: the last so many columns only; 0 for all.
            tree: ``[B, L, L]`` bool: the tokens are branches that go on from the filled ``cache`` (``attention_mask`` is
                needed), and this says which of them each one sees, itself included.

        Returns:
            ``[B, L, V]``, or fewer columns.
        """
        logits_to_keep = min(logits_to_keep, input_ids.shape[1])
        options = {'logits_to_keep': logits_to_keep} if logits_to_keep else {}
        started = cache is not None and cache.get_seq_length() > 0
        found, prompt_length = self._run(self.model, input_ids, attention_mask, injection, cache, tree, **options)
        return found.logits if logits_to_keep or started else found.logits[:, prompt_length:]

    def _run(
        self,
        module: nn.Module,
        input_ids: Tensor,
        attention_mask: Tensor | None,
        injection: Injected | None,
        cache: PerceptualCache | None = None,
        tree: Tensor | None = None,
        **call: Any,
    ) -> tuple[Any, int]:
        """What a part of the model gives for a text, and the length of the soft prompt that stands in front of it."""
        started = cache is not None and cache.get_seq_length() > 0
        prompt_length = 0 if injection is None else injection.prompt_length
        if not started:
            self._check_text(injection, input_ids, attention_mask)
        if cache is not None:
            _check_cacheable(injection)
        if cache is not None and self.gradient_checkpointing and torch.is_grad_enabled():
            raise ConfigError(
                'gradient checkpointing recomputes layers, which would fill the cache twice: pass no cache.'
            )
        # a mask counts the cached columns too; without one they are the cache's own
        cached = cache.get_seq_length() - prompt_length if started and attention_mask is None else 0
        crowded = tree is None and self._check_length(
            input_ids if attention_mask is None else attention_mask, attention_mask, cached
        )
        if prompt_length and not started:
            input_ids = self._with_place_holders(input_ids, prompt_length)
        attention_mask = real_behind_prompt(attention_mask, prompt_length)
        call |= {'attention_mask': attention_mask, 'use_cache': cache is not None}
        if cache is not None:
            call['past_key_values'] = cache
        if tree is not None:
            call['position_ids'] = self._check_positions(tree_positions(attention_mask, tree), prompt_length)
        elif (
            attention_mask is not None and attention_mask.device.type != 'meta' and (crowded or has_gap(attention_mask))
        ):
            call['position_ids'] = self.anatomy.positions(attention_mask)[:, -input_ids.shape[1] :]
        with self._injected(injection, tree):
            return module(input_ids, **call), prompt_length

    @torch.no_grad()
    def generate(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        *,
        injection: Injected | None = None,
        use_cache: bool | None = None,
        **options: Any,
    ) -> Tensor:
        """Continue ``input_ids [B, L]`` by transformers' own ``generate``; right padding is moved to the left first.

        Args:
            input_ids, attention_mask, injection: as in :meth:`forward`.
            use_cache: on unless told, off under ``visibility='all'``, which cannot be cached.
            options: ``generate``'s own: max_new_tokens, num_beams, do_sample, ...; ``eos_token_id=None`` to go on to the limit.
                The generation config that came with the model is not read. Refused: what would take a cache or a
                config of its own, or counts columns.

        Returns:
            The new ids ``[B x returned sequences, n]``.
        """
        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        self._check_length(mask, mask, options.get('max_new_tokens', DEFAULT_NEW_TOKENS))
        input_ids, mask, order = to_left(input_ids, mask)
        injection = None if injection is None else injection.follow_columns(order)
        prompt_length = 0 if injection is None else injection.prompt_length
        text = mask
        if prompt_length:
            input_ids = self._with_place_holders(input_ids, prompt_length)
            mask = real_behind_prompt(mask, prompt_length)
        cacheable = injection is None or injection.cacheable
        if use_cache and not cacheable:
            raise ConfigError("visibility='all' cannot be decoded with a cache: pass use_cache=False.")
        _check_cacheable(injection)
        check_options(options)
        options = over_text(options, nn.functional.pad(text, (prompt_length, 0)).bool())
        use_cache = cacheable if use_cache is None else use_cache
        if use_cache:
            options['past_key_values'] = self.new_cache(injection)
        with self._injected(injection):
            ids = self.model.generate(
                input_ids,
                attention_mask=mask,
                **generation_settings(self.model.config, self.pad_id, {**options, 'use_cache': use_cache}),
            )
        return ids[:, input_ids.shape[1] :]

    def _check_positions(self, positions: Tensor, before: int) -> Tensor:
        limit, longest = self.anatomy.max_positions, int(positions.max()) + 1 - before
        if limit is not None and longest > limit:
            raise ConfigError(f'{self.name} numbers {limit} tokens at most, found a text of {longest}: shorten it.')
        return positions


def _check_cacheable(injection: Injected | None) -> None:
    if injection is not None and injection.prefix is not None:
        raise ConfigError('layers that a SharedPrefix skips would leave a cache empty: pass no cache, or no prefix.')
