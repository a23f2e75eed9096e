"""The kinds of language model mmalm can inject into, by transformers' model type."""

from collections.abc import Callable

from transformers import PretrainedConfig, PreTrainedModel

from ..errors import ConfigError, closest
from ..injection import Anatomy

_ANATOMISTS: dict[str, Callable[[PreTrainedModel], Anatomy]] = {}


def anatomist(*model_types: str) -> Callable[[Callable], Callable]:
    """Register a function that gives the :class:`Anatomy` of models of these transformers model types."""

    def register(function: Callable[[PreTrainedModel], Anatomy]) -> Callable[[PreTrainedModel], Anatomy]:
        _ANATOMISTS.update(dict.fromkeys(model_types, function))
        return function

    return register


def check_model_type(model_type: str) -> None:
    """Raise a ConfigError for a model type nobody has described yet."""
    if model_type not in _ANATOMISTS:
        raise ConfigError(
            f'language models of type {model_type!r} are not supported. {closest(model_type, _ANATOMISTS)} '
            f'Supported: {", ".join(sorted(_ANATOMISTS))}. A kind is added by one small file like mmalm/lms/llama.py.'
        )


def anatomy_of(model: PreTrainedModel) -> Anatomy:
    """Where the parts of ``model`` live."""
    check_model_type(model.config.model_type)
    return _ANATOMISTS[model.config.model_type](model)


def running_attention(config: PretrainedConfig) -> Callable[[], str]:
    """Asks the config each time, so that a later ``set_attn_implementation`` is heard."""
    return lambda: config._attn_implementation
