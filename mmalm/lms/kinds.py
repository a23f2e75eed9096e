"""The kinds of language model mmalm can inject into, by transformers' model type."""

from collections.abc import Callable
from typing import Any

from transformers import PretrainedConfig, PreTrainedModel

from ..errors import ConfigError, closest
from ..injection import Anatomy

# what a model is, and who wraps it
WRAPPERS = {'causal': 'CausalLM', 'encoder': 'EncoderLM', 'encoder-decoder': 'Seq2SeqLM'}
# types that injection does not carry: why, and what to take instead
_REFUSED = dict.fromkeys(
    ('deberta', 'deberta-v2'),
    'its layers are handed relative positions and masks of a form of their own, made once for the length of the text, which '
    "injection does not make anew. Take a RoBERTa of the same size: EncoderLM(model='FacebookAI/roberta-base'), for example",
)
_ANATOMISTS: dict[str, tuple[str, Callable[..., Anatomy]]] = {}


def anatomist(*model_types: str, kind: str = 'causal') -> Callable[[Callable], Callable]:
    """Register a function that gives the :class:`Anatomy` of models of these transformers model types.

    Args:
        kind: 'causal' | 'encoder' | 'encoder-decoder'.
    """

    def register(function: Callable[..., Anatomy]) -> Callable[..., Anatomy]:
        _ANATOMISTS.update(dict.fromkeys(model_types, (kind, function)))
        return function

    return register


def check_model_type(model_type: str, kind: str) -> None:
    """Raise a ConfigError for a model type nobody has described yet, or that is of another kind."""
    wrapper = WRAPPERS[kind]
    supported = sorted(name for name, (its, _) in _ANATOMISTS.items() if its == kind)
    found = _ANATOMISTS.get(model_type, (None, None))[0]
    if found not in (None, kind):
        raise ConfigError(
            f'{wrapper} takes no models of type {model_type!r}: use {WRAPPERS[found]}. {wrapper} takes: {", ".join(supported)}.'
        )
    if model_type in _REFUSED:
        raise ConfigError(f'language models of type {model_type!r} are not supported: {_REFUSED[model_type]}.')
    if found is None:
        raise ConfigError(
            f'language models of type {model_type!r} are not supported. {closest(model_type, _ANATOMISTS)} '
            f'Supported by {wrapper}: {", ".join(supported)}. A type is added by one small file like mmalm/lms/llama.py.'
        )


def anatomy_of(model: PreTrainedModel, **options: Any) -> Anatomy:
    """Where the parts of ``model`` live.

    Args:
        options: what the type's own file asks, as which stack of an encoder-decoder is meant.
    """
    return _ANATOMISTS[model.config.model_type][1](model, **options)


def running_attention(config: PretrainedConfig) -> Callable[[], str]:
    """Asks the config each time, so that a later ``set_attn_implementation`` is heard."""
    return lambda: config._attn_implementation
