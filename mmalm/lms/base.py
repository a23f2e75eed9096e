"""What every wrapped language model has: one unmodified transformers model, its anatomy, its tokenizer.

Legend: B batch, L text length, P soft prompt length, H LM width, E token embedding width.
"""

import contextlib
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

from ..errors import ConfigError
from ..injection import Injected, InjectionPlan, Injector
from ..shrinking import shrink_widths
from ..zoo.fingerprint import fingerprint
from .kinds import anatomy_of
from .loading import load_language_model, load_tokenizer
from .tiny_tokenizer import write_byte_tokenizer


class LanguageModel(nn.Module):
    """Wraps one transformers language model, frozen or not, that perceptual tokens and a soft prompt can be injected into.

    Args:
        model: a zoo name ('zoo:smollm2-135m-instruct'), a local folder, or a hub name.
        config: instead of ``model``: the model's transformers config as a dict with ``model_type``; weights are random.
        tokenizer: folder or hub name of the tokenizer, where it is not the model's own.
        attention: auto | xformers | sdpa | eager.
        dtype: type the frozen weights are held in.
        gradient_checkpointing: recompute layer activations in backward, to save memory.
        added_tokens: texts that become one token each, in rows of the embedding matrix that the tokenizer does not use; nobody
            trained them.

    Attributes:
        kind: 'causal' | 'encoder' | 'encoder-decoder'.
        queries: states of a text that a connector can be asked by: 'cls', 'eos', 'mean' of all, 'text', every one.
        anatomy: where the parts live that injection works on.
    """

    kind: Literal['causal', 'encoder', 'encoder-decoder']
    queries: tuple[str, ...] = ('eos', 'mean', 'text')

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
            raise ConfigError(
                f'{type(self).__name__} takes either model=<name or folder> or config=<dict>, and not both.'
            )
        self.name = model or f'random {config["model_type"]}'
        self.model = load_language_model(model, config, attention, dtype, self.kind)
        self._tokenizer_name = tokenizer or model
        self.added_tokens = tuple(added_tokens)
        self.gradient_checkpointing = gradient_checkpointing
        self.anatomy = anatomy_of(self.model, **self._anatomy_options())
        # of the weights as they came, before anything trains in them or is put around them
        self._fingerprint = fingerprint(self.model)

    def _anatomy_options(self) -> dict[str, Any]:
        return {}

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
        """Depth of the stack that tokens are injected into."""
        return len(self.anatomy.layers)

    @property
    def depths(self) -> dict[str | None, int]:
        """Depth of every stack: that of injection under None, any other by its name."""
        return {None: self.num_layers, **{name: len(layers) for name, layers in self.anatomy.beside.items()}}

    @property
    def hidden_size(self) -> int:
        """H, the width perceptual tokens must have."""
        return self.model.config.hidden_size

    @property
    def state_size(self) -> int:
        """Width of what :meth:`states` gives: H, but for models that project their last states (OPT-350M)."""
        return self.hidden_size

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
        ids = (getattr(config, f'{role}_token_id', None) for role in ('pad', 'eos', 'bos'))
        first = next((i for i in ids if i is not None), 0)
        return first[0] if isinstance(first, (list, tuple)) else first

    def encode_question(self, texts: Sequence[str], max_tokens: int | None = None) -> list[list[int]]:
        """Ids of each text as a classifier reads it: with all special tokens of the tokenizer; see each kind.

        Args:
            texts: B texts.
            max_tokens: longer texts are cut at their end to so many tokens, special ones included; no limit unless told.
        """
        if max_tokens is None:
            return self.tokenizer(list(texts), add_special_tokens=True)['input_ids']
        check_room(max_tokens, self.tokenizer.num_special_tokens_to_add())
        return self.tokenizer(list(texts), add_special_tokens=True, truncation=True, max_length=max_tokens)['input_ids']

    def base_model(self) -> dict:
        """Name, class and fingerprint, for a checkpoint to say what it was trained on."""
        return {'name': self.name, 'class': type(self.model).__name__, 'fingerprint': self._fingerprint}

    def injector(self, plan: InjectionPlan | None, visibility: str = 'causal') -> Injector:
        """An injector for this model."""
        return Injector(self.anatomy, plan, visibility)

    @abstractmethod
    def states(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, *, injection: Injected | None = None
    ) -> Tensor:
        """Final hidden states after the last norm, what was inserted taken out again.

        Without ``injection`` these are transformers' own, bit for bit, but for padding in front of a text where positions are
        learned: those are numbered by real tokens.

        Args:
            input_ids: ``[B, L]``.
            attention_mask: ``[B, L]``, 0 at padding on either side.
            injection: perceptual tokens, soft prompt and adapters, for B samples.

        Returns:
            ``[B, L, H]``; of an encoder-decoder ``[B, 1, H]``, the decoder's at its start token.
        """

    def feature(self, states: Tensor, attention_mask: Tensor | None) -> Tensor:
        """What a classifier reads ``[B, H]`` of :meth:`states`: at the first real token, [CLS] of an encoder.

        Args:
            states: ``[B, L, H]``.
            attention_mask: as given to :meth:`states`.
        """
        if attention_mask is None:
            return states[:, 0]
        return states[torch.arange(len(states), device=states.device), attention_mask.long().argmax(-1)]

    def _check_text(self, injection: Injected | None, input_ids: Tensor, attention_mask: Tensor | None) -> None:
        if injection is None:
            return
        tokens = injection.tokens
        if tokens is not None and len(tokens) != len(input_ids):
            raise ConfigError(f'perceptual tokens of {len(tokens)} samples were given for {len(input_ids)} texts.')
        if injection.prefix is not None:
            injection.prefix.check(input_ids, attention_mask)

    def _check_length(self, columns: Tensor, mask: Tensor | None, more: int = 0) -> bool:
        """Whether there are more columns than positions, real tokens being few enough; ``more`` are cached or to come.

        Perceptual tokens and soft prompts have no positions of a table and so need none.

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
                f'{self.name} numbers {limit} tokens at most, found a text of {longest}{others}: shorten it, as max_tokens= of a '
                'ClassificationHead does.'
            )
        return True

    def _with_place_holders(self, input_ids: Tensor, count: int) -> Tensor:
        return nn.functional.pad(input_ids, (count, 0), value=self.pad_id)

    def _injected(self, injection: Injected | None, tree: Tensor | None = None) -> contextlib.AbstractContextManager:
        if injection is None:
            if tree is None and not (self.gradient_checkpointing and torch.is_grad_enabled()):
                return contextlib.nullcontext()
            injection = Injected(self.injector(None))
        return injection.open(self.gradient_checkpointing, tree)


def check_room(max_tokens: int, special: int) -> None:
    """Raise a ConfigError where ``special`` tokens leave no room for a text."""
    if max_tokens <= special:
        raise ConfigError(
            f'max_tokens={max_tokens} leaves no room for a text beside its {special} special tokens: '
            f'give {special + 1} or more.'
        )


def real_behind_prompt(attention_mask: Tensor | None, prompt_length: int) -> Tensor | None:
    """The mask ``[B, P + L]`` of a text with a soft prompt in front."""
    if attention_mask is None or not prompt_length:
        return attention_mask
    return nn.functional.pad(attention_mask, (prompt_length, 0), value=1)
