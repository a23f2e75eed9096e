"""Whether a search goes on with what it was begun with, told before anything is built."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..engine.checkpoint_files import read_json
from ..engine.training_state import VALUES
from ..errors import CheckpointError, ConfigError

HOOK = 'SearchHook'


def refuse_another_search(checkpoint: Path, settings: Mapping[str, Any]) -> None:
    """Refuse a checkpoint that this search cannot go on from.

    Args:
        checkpoint: its folder, whose files are what was written.
        settings: of this search, see :func:`refuse_other_settings`.

    Raises:
        CheckpointError: it is not of a search.
        ConfigError: it is of a search with other settings.
    """
    hooks = read_json(checkpoint / VALUES)['position']['hooks'] if (checkpoint / VALUES).is_file() else {}
    if HOOK not in hooks:
        raise CheckpointError(
            f"{checkpoint} is a training's, which a search cannot go on from: name a checkpoint of this search, as "
            'work_dirs/<config name>_placement/checkpoints/last, or leave --resume out to start anew.'
        )
    refuse_other_settings(hooks[HOOK]['settings'], settings)


def refuse_other_settings(saved: Mapping[str, Any], own: Mapping[str, Any]) -> None:
    """Refuse to go on with other settings; of a dict, those that differ are named.

    Args:
        saved: what the search was begun with, as JSON values.
        own: what it would go on with.

    Raises:
        ConfigError: they differ.
    """
    for name, value in own.items():
        before = saved.get(name)
        if before == value:
            continue
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            apart = [key for key in {**before, **value} if before.get(key) != value.get(key)]
            before, value = ({key: side[key] for key in apart if key in side} for side in (before, value))
        raise ConfigError(
            f'the search was begun with {name}={before}, the config has {value}. Go on with the settings it was begun with, or '
            'start anew without --resume.'
        )
