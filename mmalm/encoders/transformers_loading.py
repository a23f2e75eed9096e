"""Loading transformers vision models: configuration, weights, preprocessing, vision towers of two-tower models."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from .. import zoo
from ..errors import CheckpointError, ConfigError, MissingDataError, closest
from ..hub import folder_facts, hub_access
from .preprocessing import from_processor

# what a saved configuration says besides the architecture
_NOT_ARCHITECTURE = ('architectures', 'transformers_version', 'dtype', 'torch_dtype', 'preprocessing')
# heads on top of the last level, which no level passes through: they may be absent from a checkpoint
_UNUSED = ('pooler.', 'head.', 'classifier.')


def read_config(model: str | None, config: Mapping[str, Any] | None, pretrained: bool) -> Any:
    """The transformers configuration of the vision model; of a two-tower model, its vision part.

    Args:
        model: hub name, folder or zoo name, or ``None``.
        config: replaces values of the model's configuration; without ``model``, all of it.
        pretrained: whether weights follow, so that the model's folder must be there.
    """
    changes = dict(config or {})
    data = zoo.shipped_architecture(model) if model is not None and not pretrained else None
    if model is None or data is not None:
        facts = _from_dict({**(data or {}), **changes})
    else:
        facts = _read(model)
        _check_keys(facts, changes)
        facts = facts.__class__.from_dict({**facts.to_dict(), **changes})
    return getattr(facts, 'vision_config', facts)


def _read(model: str) -> Any:
    from transformers import AutoConfig

    name = zoo.resolve(model)
    if Path(name).is_dir() and 'model_type' not in folder_facts(name):
        raise ConfigError(f'{model}: its config.json names no model_type. For a timm folder use TimmEncoder.')
    with hub_access(name):
        try:
            return AutoConfig.from_pretrained(name)
        except ValueError as error:
            raise ConfigError(f'{model}: {error}') from error


def _from_dict(values: dict[str, Any]) -> Any:
    from transformers import AutoConfig
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING_NAMES

    values = {key: value for key, value in values.items() if key not in _NOT_ARCHITECTURE}
    kind = values.pop('model_type', None)
    if kind not in CONFIG_MAPPING_NAMES:
        hint = closest(str(kind), CONFIG_MAPPING_NAMES)
        raise ConfigError(f"config: model_type={kind!r} is no kind of transformers model. {hint} For example: 'vit'.")
    _check_keys(AutoConfig.for_model(kind), values)
    return AutoConfig.for_model(kind, **values)


def _check_keys(facts: Any, values: Mapping[str, Any]) -> None:
    """transformers keeps unknown keys without a word, and a misspelt width would stay at its default."""
    for key in values:
        if not hasattr(facts, key):
            hint = closest(key, vars(facts))
            raise ConfigError(f'config: {facts.model_type!r} has no {key!r}. {hint}'.rstrip())


def build(facts: Any, name: str, takes: str = 'pixel_values') -> nn.Module:
    """The model with random weights; ``takes`` is the main input its class must have."""
    from transformers import AutoModel

    try:
        return _tower(AutoModel.from_config(facts, dtype=torch.float32), name, takes)
    except (ValueError, TypeError) as error:
        raise ConfigError(f'{name}: {error}') from error


def load(model: str, facts: Any, takes: str = 'pixel_values') -> tuple[nn.Module, frozenset[str]]:
    """The model with its weights, and the names of unused heads that the weights do not cover.

    Args:
        model: hub name, folder or zoo name.
        facts: its transformers configuration.
        takes: the main input its class must have.

    Raises:
        CheckpointError: the weights do not cover what the levels pass through.
    """
    from transformers import AutoModel

    name = zoo.resolve(model)
    with hub_access(name):
        try:
            found, report = AutoModel.from_pretrained(name, config=facts, dtype=torch.float32, output_loading_info=True)
        except ValueError as error:
            raise ConfigError(f'{model}: {error}') from error
    missing = sorted(report['missing_keys'])
    lacking = [key for key in missing if not key.startswith(_UNUSED)]
    if lacking:
        raise CheckpointError(
            f'{model}: its weights lack {len(lacking)} tensors of {type(found).__name__}, for example {lacking[0]!r}; '
            'they would stay random. Is it a checkpoint of another kind of model?'
        )
    return _tower(found, model, takes), frozenset(missing)


def preprocessing_values(model: str | None, facts: Any, pretrained: bool) -> dict[str, Any] | None:
    """What the model's image processor states; stand-ins for random weights that no statistics are known of."""
    size = getattr(facts, 'image_size', None)
    stand_in = {'size': size or 224, 'mean': (0.5,) * 3, 'std': (0.5,) * 3}
    if model is None:
        return stand_in
    if not pretrained:
        return {**stand_in, **_known_preprocessing(model)}
    from transformers import AutoImageProcessor

    name = zoo.resolve(model)
    if Path(name).is_dir() and not any((Path(name) / f).is_file() for f in _PROCESSOR_FILES):
        return {'size': size} if size else None
    with hub_access(name):
        try:
            processor = AutoImageProcessor.from_pretrained(name)
        except (OSError, ValueError):  # absent, or of a kind transformers does not know
            return {'size': size} if size else None
    values = from_processor(processor)
    return values if 'size' in values or not size else {**values, 'size': size}


def _known_preprocessing(model: str) -> dict[str, Any]:
    """What is known of a model's pictures without loading it: its own file on this machine, else the shipped data."""
    file = zoo.local_file(model, _PROCESSOR_FILES[0])
    if file is None:
        return dict((zoo.shipped_architecture(model) or {}).get('preprocessing') or {})
    try:
        values = json.loads(file.read_text(encoding='utf-8'))
        return from_processor(values) if 'image_mean' in values else {}
    except (OSError, ValueError) as error:
        raise MissingDataError(f'{model}: {file} cannot be read: {error}') from error


_PROCESSOR_FILES = ('preprocessor_config.json', 'processor_config.json')


def _tower(model: nn.Module, name: str, takes: str) -> nn.Module:
    if getattr(model, 'main_input_name', None) != takes:
        raise ConfigError(f'{name} is a {type(model).__name__}, which does not take {_INPUTS[takes]}.')
    return model


_INPUTS = {
    'pixel_values': 'pictures',
    'input_values': 'spectrograms as AST does',
    'input_features': 'spectrograms as Whisper does',
}
