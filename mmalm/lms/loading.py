"""Loading a language model and its tokenizer, with messages for names that cannot be had."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, AutoTokenizer, PretrainedConfig, PreTrainedModel
from transformers.utils import logging

from ..attention import transformers_implementation
from ..errors import ConfigError, MissingDataError, MmalmError, closest
from ..hub import hub_access
from ..zoo import resolve, shipped_architecture
from .kinds import check_model_type

DTYPES = ('float32', 'bfloat16', 'float16')
# transformers' loader by kind, and its options: the pooler of an encoder would be weights that nothing reads
LOADERS: dict[str, tuple[Any, dict[str, Any]]] = {
    'causal': (AutoModelForCausalLM, {}),
    'encoder': (AutoModel, {'add_pooling_layer': False}),
    'encoder-decoder': (AutoModel, {}),
}


def load_language_model(
    name: str | None, config: dict | None, attention: str, dtype: str, kind: str
) -> PreTrainedModel:
    """Load, or build with random weights, an unmodified transformers model in eval mode.

    Under ``torch.device('meta')`` nothing is read but the architecture: of a local folder, else of the hub cache, else of
    the data shipped for zoo models and well-known hub models, and only for other names is the hub asked for its config.
    """
    if dtype not in DTYPES:
        raise ConfigError(f'unknown dtype {dtype!r}. {closest(dtype, DTYPES)} Choose one of {", ".join(DTYPES)}.')
    on_meta = torch.get_default_device().type == 'meta'
    facts = config or (shipped_architecture(name) if on_meta else None)
    loader, options = LOADERS[kind]
    if facts is not None:
        facts = dict(facts)
        check_model_type(facts.get('model_type', ''), kind)
        return _from_config(loader, AutoConfig.for_model(**facts), attention, dtype, options)
    folder = resolve(name)
    with hub_access(folder, name), _readable(name, 'language model'):
        found = AutoConfig.from_pretrained(folder)
        check_model_type(found.model_type, kind)
        if on_meta:
            return _from_config(loader, found, attention, dtype, options)
        with _no_report():
            model, info = loader.from_pretrained(
                folder,
                dtype=getattr(torch, dtype),
                attn_implementation=_implementation(loader, found, attention),
                output_loading_info=True,
                **options,
            )
    lacking = sorted([*info['missing_keys'], *(key for key, *_ in info['mismatched_keys'])])
    if lacking:  # heads that nothing reads may be in the file and not in the model, but not the other way round
        raise MissingDataError(
            f'{name!r} does not hold all weights of a {type(model).__name__}: {len(lacking)} are absent or of another shape, '
            f'the first is {lacking[0]!r}.'
        )
    return model.eval()


def _from_config(loader: Any, config: PretrainedConfig, attention: str, dtype: str, options: dict) -> PreTrainedModel:
    implementation = _implementation(loader, config, attention)
    return loader.from_config(config, attn_implementation=implementation, dtype=getattr(torch, dtype), **options).eval()


def _implementation(loader: Any, config: PretrainedConfig, attention: str) -> str:
    """The attention by transformers' name; 'auto' is eager for models that offer nothing else."""
    # where the model will run is not known yet; the engine moves it to CUDA where there is one
    on_meta = torch.get_default_device().type == 'meta'
    found = transformers_implementation(attention, 'cuda' if torch.cuda.is_available() and not on_meta else 'cpu')
    model = loader._model_mapping[type(config)]
    if found == 'eager' or getattr(model, '_supports_sdpa', False):
        return found
    if attention != 'auto':
        raise ConfigError(
            f"{model.__name__} of this version of transformers has eager attention alone: set attention='eager' or 'auto', "
            f'found {attention!r}.'
        )
    return 'eager'


def load_tokenizer(name: str | None, added: Sequence[str] = (), rows: int | None = None) -> Any:
    """The tokenizer of a model.

    Args:
        name: zoo name, local folder or hub name.
        added: texts that become one token each.
        rows: of the embedding matrix, which added tokens must fit into.
    """
    if name is None:
        raise ConfigError('a language model built from config= has no tokenizer of its own: give it tokenizer=.')
    folder = resolve(name)
    with hub_access(folder, name), _readable(name, 'tokenizer'):
        tokenizer = AutoTokenizer.from_pretrained(folder)
    if added:
        tokenizer.add_tokens(list(added), special_tokens=True)
        if rows is not None and len(tokenizer) > rows:
            raise ConfigError(
                f'added_tokens={list(added)} make {len(tokenizer)} tokens, and {name!r} embeds {rows}: frozen weights cannot take '
                'more. Add fewer.'
            )
    return tokenizer


@contextlib.contextmanager
def _no_report() -> Iterator[None]:
    # transformers lists every weight of a file that the model has no use for, such as a pooler
    level = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(level)


@contextlib.contextmanager
def _readable(name: str, what: str) -> Iterator[None]:
    try:
        yield
    except MmalmError:
        raise
    except (ValueError, SafetensorError) as error:
        first = str(error).strip().split('\n')[0]
        raise MissingDataError(f'{name!r} holds no {what} that transformers can read: {first}') from error
