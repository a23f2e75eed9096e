"""A frozen causal language model from transformers, unmodified, that perceptual tokens and a soft prompt can be injected into.

Legend: B batch, L text length, H LM width, E token embedding width, V vocabulary.
"""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import GenerationConfig

from ..errors import ConfigError
from ..injection import Injected, InjectionPlan, Injector, PerceptualCache, tree_positions
from ..padding import has_gap, to_left
from ..registry import LANGUAGE_MODELS
from ..shrinking import shrink_widths
from ..zoo.fingerprint import fingerprint
from .generation_options import DEFAULT_NEW_TOKENS, check_options, generation_settings
from .kinds import anatomy_of
from .loading import load_causal_lm, load_tokenizer
from .text_processor import over_text
from .tiny_tokenizer import write_byte_tokenizer


@LANGUAGE_MODELS.register_module()
class CausalLM(nn.Module):
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
        super().__init__()
        if (model is None) == (config is None):
            raise ConfigError('CausalLM takes either model=<name or folder> or config=<dict>, and not both.')
        self.name = model or f'random {config["model_type"]}'
        self.model = load_causal_lm(model, config, attention, dtype)
        self.model.generation_config = GenerationConfig()  # transformers would fill in what a call leaves open
        self._tokenizer_name = tokenizer or model
        self.added_tokens = tuple(added_tokens)
        self.gradient_checkpointing = gradient_checkpointing
        self.anatomy = anatomy_of(self.model)
        # of the weights as they came, before anything trains in them or is put around them
        self._fingerprint = fingerprint(self.model)

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict:
        """For dry runs: the same kind of model, random, with tiny widths and a byte tokenizer."""
        with torch.device('meta'):
            real = cls(**arguments)
        small = shrink_widths(real.model.config.to_dict())
        small |= write_byte_tokenizer(folder, small)
        return {**arguments, 'model': None, 'config': small, 'tokenizer': str(folder)}

    @property
    def num_layers(self) -> int:
        return len(self.anatomy.layers)

    @property
    def hidden_size(self) -> int:
        """H, the width perceptual tokens must have."""
        return self.model.config.hidden_size

    @property
    def embedding_size(self) -> int:
        """E, the width of token embeddings and of the soft prompt; less than H where the model projects them."""
        return self.anatomy.token_embedding.embedding_dim

    @property
    def tokenizer(self) -> Any:
        """The model's tokenizer, loaded on first use."""
        if '_tokenizer' not in self.__dict__:
            self.__dict__['_tokenizer'] = load_tokenizer(
                self._tokenizer_name, self.added_tokens, self.anatomy.token_embedding.num_embeddings
            )
        return self.__dict__['_tokenizer']

    @property
    def pad_id(self) -> int:
        """Id that fills padding; any will do, since padding is never seen."""
        config = self.model.config
        ids = (config.pad_token_id, config.eos_token_id, config.bos_token_id)
        first = next((i for i in ids if i is not None), 0)
        return first[0] if isinstance(first, (list, tuple)) else first

    def base_model(self) -> dict:
        """Name, class and fingerprint, for a checkpoint to say what it was trained on."""
        return {'name': self.name, 'class': type(self.model).__name__, 'fingerprint': self._fingerprint}

    def injector(self, plan: InjectionPlan | None, visibility: str = 'causal') -> Injector:
        """An injector for this model."""
        return Injector(self.anatomy, plan, visibility)

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
        started = cache is not None and cache.get_seq_length() > 0
        prompt_length = 0 if injection is None else injection.prompt_length
        tokens = None if injection is None else injection.tokens
        if tokens is not None and not started and len(tokens) != len(input_ids):
            raise ConfigError(f'perceptual tokens of {len(tokens)} samples were given for {len(input_ids)} texts.')
        if cache is not None and self.gradient_checkpointing and torch.is_grad_enabled():
            raise ConfigError(
                'gradient checkpointing recomputes layers, which would fill the cache twice: pass no cache.'
            )
        logits_to_keep = min(logits_to_keep, input_ids.shape[1])
        # a mask counts the cached columns too; without one they are the cache's own
        cached = cache.get_seq_length() - prompt_length if started and attention_mask is None else 0
        crowded = tree is None and self._check_length(
            input_ids if attention_mask is None else attention_mask, attention_mask, cached
        )
        if prompt_length:
            if not started:
                input_ids = self._with_place_holders(input_ids, prompt_length)
            if attention_mask is not None:
                attention_mask = nn.functional.pad(attention_mask, (prompt_length, 0), value=1)
        call: dict[str, Any] = {'attention_mask': attention_mask, 'use_cache': cache is not None}
        if cache is not None:
            call['past_key_values'] = cache
        if tree is not None:
            call['position_ids'] = self._check_positions(tree_positions(attention_mask, tree), prompt_length)
        elif (
            attention_mask is not None and attention_mask.device.type != 'meta' and (crowded or has_gap(attention_mask))
        ):
            call['position_ids'] = self.anatomy.positions(attention_mask)[:, -input_ids.shape[1] :]
        if logits_to_keep:
            call['logits_to_keep'] = logits_to_keep
        with self._injected(injection, tree):
            logits = self.model(input_ids, **call).logits
        return logits if logits_to_keep or started else logits[:, prompt_length:]

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
            mask = nn.functional.pad(mask, (prompt_length, 0), value=1)
        cacheable = injection is None or injection.cacheable
        if use_cache and not cacheable:
            raise ConfigError("visibility='all' cannot be decoded with a cache: pass use_cache=False.")
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

    def _check_length(self, columns: Tensor, mask: Tensor | None, more: int = 0) -> bool:
        """Whether there are more columns than positions, real tokens being few enough; ``more`` are cached or to come.

        Raises:
            ConfigError: more real tokens than the model can number.
        """
        limit = self.anatomy.max_positions
        if limit is None or columns.shape[1] + more <= limit or columns.device.type == 'meta':
            return False
        longest = columns.shape[1] if mask is None else int(mask.sum(-1).max())
        if longest + more > limit:
            others = f' and {more} cached or new ones' if more else ''
            raise ConfigError(
                f'{self.name} numbers {limit} tokens at most, found a text of {longest}{others}: shorten it.'
            )
        return True

    def _check_positions(self, positions: Tensor, before: int) -> Tensor:
        limit, longest = self.anatomy.max_positions, int(positions.max()) + 1 - before
        if limit is not None and longest > limit:
            raise ConfigError(f'{self.name} numbers {limit} tokens at most, found a text of {longest}: shorten it.')
        return positions

    def _with_place_holders(self, input_ids: Tensor, count: int) -> Tensor:
        return nn.functional.pad(input_ids, (count, 0), value=self.pad_id)

    def _injected(self, injection: Injected | None, tree: Tensor | None = None) -> contextlib.AbstractContextManager:
        if injection is None:
            if tree is None and not (self.gradient_checkpointing and torch.is_grad_enabled()):
                return contextlib.nullcontext()
            injection = Injected(self.injector(None))
        return injection.open(self.gradient_checkpointing, tree)
