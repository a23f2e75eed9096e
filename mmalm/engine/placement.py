"""A placement that was searched, put into the config of a model that is to train with it.

``placement`` in a config is a file that ``tools/search_placement.py`` wrote; 'auto' is the one it writes for this config. In a
checkpoint's config it is what the file held.
"""

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmengine.config import Config
from torch import nn

from mmalm.errors import CheckpointError, ConfigError, MissingDataError, closest

from .checkpoint import base_models_of
from .checkpoint_files import read_description

FORMAT_VERSION = 1
NAME = 'placement.json'


def placed(config: Config, checkpoint: str | Path | None = None) -> Config:
    """The config with its placement in the schedule; the same config where it names none.

    Args:
        config: as :func:`mmalm.config.load_config` gives it; it is not changed.
        checkpoint: of a model that was trained with this config; the placement is that of its training, or none where it was
            trained without, whatever the config says.

    Raises:
        MissingDataError: the file is not there.
        CheckpointError, ConfigError: it is damaged, no placement, or one for another sort of config.
    """
    own = found = config.get('placement')
    if checkpoint is not None:
        # one that came from elsewhere does not say
        found = (read_description(checkpoint).get('config') or {'placement': own}).get('placement')
    if found is None and own is None:
        return config
    config = copy.deepcopy(config)
    if found is None:
        config.placement = None
        return config
    content = _checked(found, 'placement') if isinstance(found, Mapping) else read_placement(_file(found))
    _place(config.model, content['layers'], again=isinstance(own, Mapping))
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
            f'No placement at {file}. {_near(file)}Search one: python tools/search_placement.py CONFIG; or set placement=None to '
            "take the schedule's own layer."
        )
    try:
        content = json.loads(file.read_text(encoding='utf-8'))
    except ValueError as error:
        raise CheckpointError(
            f'{file} is damaged: {error}. Search it again: python tools/search_placement.py CONFIG.'
        ) from error
    if isinstance(content, dict) and content.get('format_version', FORMAT_VERSION) != FORMAT_VERSION:
        raise CheckpointError(
            f'{file} has placement format {content["format_version"]!r}; this version of mmalm reads {FORMAT_VERSION}. Search it '
            'again: python tools/search_placement.py CONFIG.'
        )
    return _checked(content if isinstance(content, dict) and 'format_version' in content else {}, file)


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


def _checked(content: Mapping[str, Any], what: Any) -> dict[str, Any]:
    layers, bases = content.get('layers'), content.get('base_models')
    sound = isinstance(layers, list) and layers and all(type(layer) is int for layer in layers)
    named = isinstance(bases, Mapping) and bases and all(isinstance(base, Mapping) for base in bases.values())
    if not (sound and named):
        raise CheckpointError(
            f'{what} is no placement as tools/search_placement.py writes it: give its placement.json. A layer of your own is '
            'schedule=dict(layer=...), without a placement.'
        )
    return dict(content)


def _file(placement: Any) -> Path:
    if not isinstance(placement, (str, Path)):
        raise ConfigError(
            f"placement is 'auto' or a file of tools/search_placement.py, found {placement!r}. A layer of your own is "
            'schedule=dict(layer=...), without a placement.'
        )
    return Path(placement).expanduser()


def _near(file: Path) -> str:
    """What may be meant by a file that is not there: what a folder holds, or a name like it."""
    if (file / NAME).is_file():
        return f'Did you mean {file / NAME}? '
    there = [path.name for path in file.parent.glob('*.json')] if file.parent.is_dir() else []
    hint = closest(file.name, there)
    return f'{hint} ' if hint else ''


def _short(base: Mapping[str, Any]) -> str:
    return f'fingerprint {str(base.get("fingerprint"))[:12]}'


def _place(model: Any, layers: list[int], again: bool) -> None:
    schedule = model.get('schedule') or {}
    # several places make a schedule of another type, which only a config that was placed before may have
    if schedule.get('type') not in ('SingleLayer', *(['ExplicitSchedule'] if again else [])):
        raise ConfigError(
            f"placement: it is for a schedule=dict(type='SingleLayer', layer=...), which it fills in; found {dict(schedule)}."
        )
    if schedule.get('remove_at') is not None:
        raise ConfigError(
            f'placement: it was searched for a prompt that stays to the end; found {dict(schedule)}. Leave remove_at out.'
        )
    if len(layers) == 1:
        model.schedule = {'type': 'SingleLayer', 'layer': layers[0]}
        return
    model.schedule = {
        'type': 'ExplicitSchedule',
        'injections': [(layer, source, 'insert', source) for source, layer in enumerate(layers)],
    }
    model.connector.targets = len(layers)
