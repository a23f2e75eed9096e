"""A placement that was searched, put into the config of a model that is to train with it.

``placement`` in a config is a file that ``tools/search_placement.py`` wrote; 'auto' is the one it writes for this config. In a
checkpoint's config it is what the file held.
"""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmengine.config import Config
from torch import nn

from mmalm.errors import CheckpointError, ConfigError, MissingDataError

from .checkpoint import base_models_of
from .checkpoint_files import read_description, read_json

FORMAT_VERSION = 1


def placed(config: Config, checkpoint: str | Path | None = None) -> Config:
    """The config with its placement in the schedule; the same config where it names none.

    Args:
        config: as :func:`mmalm.config.load_config` gives it; it is not changed.
        checkpoint: of a model that was trained with this config; the placement is that of its training.

    Raises:
        MissingDataError: the file is not there.
        CheckpointError, ConfigError: it is damaged, no placement, or one for another sort of config.
    """
    found = config.get('placement')
    if found is None:
        return config
    if checkpoint is not None:
        found = (read_description(checkpoint).get('config') or {}).get('placement') or found
    content = dict(found) if isinstance(found, Mapping) else read_placement(Path(found))
    config = copy.deepcopy(config)
    _place(config.model, content['layers'])
    # the config is written as Python, where 'class' cannot be a name
    bases = {
        role: {key: base.get(key) for key in ('name', 'fingerprint')} for role, base in content['base_models'].items()
    }
    config.placement = {'layers': content['layers'], 'base_models': bases}
    return config


def read_placement(file: Path) -> dict[str, Any]:
    """What a search wrote.

    Raises:
        MissingDataError: the file is not there.
        CheckpointError: it is damaged or no placement.
    """
    if not file.is_file():
        raise MissingDataError(
            f'No placement at {file}. Search one: python tools/search_placement.py CONFIG; or set placement=None to take the '
            "schedule's own layer."
        )
    content = read_json(file)
    layers = content.get('layers')
    sound = isinstance(layers, list) and layers and all(type(layer) is int for layer in layers)
    if content.get('format_version') != FORMAT_VERSION or not sound or not isinstance(content.get('base_models'), dict):
        raise CheckpointError(
            f'{file} is no placement as tools/search_placement.py writes it: give its placement.json.'
        )
    return content


def refuse_other_models(config: Mapping[str, Any], model: nn.Module) -> None:
    """See that the models a placement was searched with are those it is used with.

    Args:
        config: from :func:`placed`.
        model: as built from it.

    Raises:
        ConfigError: another language model or encoder.
    """
    if not config.get('placement'):
        return
    searched, own = config['placement']['base_models'], base_models_of(model)
    apart = [
        f'\n  {role}: {base.get("name")} ({_short(base)}) in the search, {own.get(role, {}).get("name")} '
        f'({_short(own.get(role, {}))}) here'
        for role, base in searched.items()
        if own.get(role, {}).get('fingerprint') != base.get('fingerprint')
    ]
    if apart:
        raise ConfigError(
            f'placement: it was searched with other models:{"".join(apart)}\n'
            'Search again (python tools/search_placement.py CONFIG), or set placement=None.'
        )


def _short(base: Mapping[str, Any]) -> str:
    return f'fingerprint {str(base.get("fingerprint"))[:12]}'


def _place(model: Any, layers: list[int]) -> None:
    schedule = model.get('schedule') or {}
    if schedule.get('type') not in ('SingleLayer', 'ExplicitSchedule'):
        raise ConfigError(
            f"placement: it is for a schedule=dict(type='SingleLayer', layer=...), which it fills in; found {dict(schedule)}."
        )
    if len(layers) == 1:
        model.schedule = {'type': 'SingleLayer', 'layer': layers[0]}
        return
    model.schedule = {
        'type': 'ExplicitSchedule',
        'injections': [(layer, source, 'insert', source) for source, layer in enumerate(layers)],
    }
    model.connector.targets = len(layers)
