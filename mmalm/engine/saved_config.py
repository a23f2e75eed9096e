"""The config of a checkpoint, and what it tells before any model is built."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.utils import import_modules_from_strings

from mmalm.config import set_options
from mmalm.errors import CheckpointError, ConfigError
from mmalm.nodes import component_of
from mmalm.registry import ENCODERS

from .checkpoint_files import read_description


def saved_config(
    checkpoint: str | Path, options: Mapping[str, Any] | None = None, config: Config | None = None
) -> Config:
    """The config that a checkpoint's model is rebuilt from, the components that it names being imported.

    Args:
        checkpoint: its folder.
        options: dotted config keys and new values.
        config: in place of the checkpoint's own.

    Raises:
        MissingDataError: no checkpoint.
        CheckpointError: damaged, of an unknown format, or without a config.
        ConfigError: a module of ``custom_imports`` that cannot be imported, an unknown option, no path, no config.
    """
    if config is not None and not isinstance(config, Config):
        raise ConfigError(f'config={config!r} is no config: give config=load_config(FILE).')
    saved = read_description(checkpoint).get('config')
    if config is None:
        if not saved:
            raise CheckpointError(f'{checkpoint} was saved without its config: give it as config=load_config(FILE).')
        config = Config(saved)
    set_options(config, options)
    _import_components(config)
    return config


def perceived(config: Mapping[str, Any]) -> list[str]:
    """The modalities that the model of a config perceives, of 'image', 'video' and 'audio'; none where only the model tells."""
    model = config.get('model') or {}
    if model.get('adaptations'):
        return list(model['adaptations'])
    modality = getattr(component_of(model.get('encoder'), ENCODERS), 'modality', None)
    return [modality] if isinstance(modality, str) else []


def _import_components(config: Mapping[str, Any]) -> None:
    wanted = config.get('custom_imports')
    try:
        if wanted:
            import_modules_from_strings(**wanted)
    except (ImportError, TypeError) as error:
        raise ConfigError(
            f'The checkpoint needs components of its own, custom_imports={dict(wanted)}: {error}.\n'
            'Put the folder they lie in on the path: PYTHONPATH=FOLDER.'
        ) from error
