"""Options of transformers' ``generate``: which there are, which cannot be had with injected tokens, and what holds unless told."""

from collections.abc import Mapping
from typing import Any

from transformers import GenerationConfig, PretrainedConfig

from ..errors import ConfigError

DEFAULT_NEW_TOKENS = 20
REFUSED_OPTIONS = {
    'cache_implementation': 'generation keeps its own cache of perceptual tokens',
    'past_key_values': 'generation keeps its own cache of perceptual tokens',
    'generation_config': 'give its settings as options',
    'max_length': 'it would count place-holders of the soft prompt; give max_new_tokens',
    'min_length': 'it would count place-holders of the soft prompt; give min_new_tokens',
    'return_dict_in_generate': 'the new ids alone are returned',
}


def check_options(options: Mapping[str, Any]) -> None:
    """Raise a ConfigError for an option of ``generate`` that is not possible here."""
    for name, why in REFUSED_OPTIONS.items():
        if name in options:
            raise ConfigError(f'generate: {name} is not possible here: {why}.')


def generation_settings(config: PretrainedConfig, pad_id: int, options: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of transformers' ``generate``: greedy unless told, its own file of settings not read.

    Args:
        config: the model's, for the ids that begin and end a text.
        pad_id: id that fills padding.
        options: those given.
    """
    known = GenerationConfig().to_dict()
    settings = {
        'do_sample': False,
        'num_beams': 1,
        'max_new_tokens': DEFAULT_NEW_TOKENS,
        'pad_token_id': pad_id,
        'bos_token_id': config.bos_token_id,
        'eos_token_id': config.eos_token_id,
    }
    settings.update((name, value) for name, value in options.items() if name in known)
    rest = {name: value for name, value in options.items() if name not in known}
    return {'generation_config': GenerationConfig(**settings), **rest}
