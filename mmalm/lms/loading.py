"""Loading a causal language model and its tokenizer, with messages for names that cannot be had."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, PretrainedConfig, PreTrainedModel

from ..attention import transformers_implementation
from ..errors import ConfigError, MissingDataError, MmalmError, closest
from ..hub import hub_access
from ..zoo import resolve, shipped_architecture
from .kinds import check_model_type

DTYPES = ('float32', 'bfloat16', 'float16')


def load_causal_lm(name: str | None, config: dict | None, attention: str, dtype: str) -> PreTrainedModel:
    """Load, or build with random weights, an unmodified transformers causal LM in eval mode.

    Under ``torch.device('meta')`` nothing is read but the architecture: of a local folder, else of the hub cache, else of
    the data shipped for zoo models and well-known hub models, and only for other names is the hub asked for its config.
    """
    if dtype not in DTYPES:
        raise ConfigError(f'unknown dtype {dtype!r}. {closest(dtype, DTYPES)} Choose one of {", ".join(DTYPES)}.')
    on_meta = torch.get_default_device().type == 'meta'
    facts = config or (shipped_architecture(name) if on_meta else None)
    # where the model will run is not known yet; the engine moves it to CUDA where there is one
    device = 'cuda' if torch.cuda.is_available() and not on_meta else 'cpu'
    implementation = transformers_implementation(attention, device)
    if facts is not None:
        facts = dict(facts)
        check_model_type(facts.get('model_type', ''))
        return _from_config(AutoConfig.for_model(**facts), implementation, dtype)
    folder = resolve(name)
    with hub_access(folder, name), _readable(name, 'language model'):
        found = AutoConfig.from_pretrained(folder)
        check_model_type(found.model_type)
        if on_meta:
            return _from_config(found, implementation, dtype)
        return AutoModelForCausalLM.from_pretrained(
            folder, dtype=getattr(torch, dtype), attn_implementation=implementation
        ).eval()


def _from_config(config: PretrainedConfig, implementation: str, dtype: str) -> PreTrainedModel:
    return AutoModelForCausalLM.from_config(
        config, attn_implementation=implementation, dtype=getattr(torch, dtype)
    ).eval()


def load_tokenizer(name: str | None, added: Sequence[str] = (), rows: int | None = None) -> Any:
    """The tokenizer of a model.

    Args:
        name: zoo name, local folder or hub name.
        added: texts that become one token each.
        rows: of the embedding matrix, which added tokens must fit into.
    """
    if name is None:
        raise ConfigError('a language model built from config= has no tokenizer of its own: give CausalLM tokenizer=.')
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
def _readable(name: str, what: str) -> Iterator[None]:
    try:
        yield
    except MmalmError:
        raise
    except (ValueError, SafetensorError) as error:
        first = str(error).strip().split('\n')[0]
        raise MissingDataError(f'{name!r} holds no {what} that transformers can read: {first}') from error
