"""From the names configs write to folders on disk, and to architectures known without any weights."""

import json
from importlib import resources
from pathlib import Path

from ..errors import MissingDataError, closest
from .catalog import PREFIX, find_item
from .known import known_facts, known_models
from .store import item_folder


def resolve(name: str) -> str:
    """The folder of a zoo item or of a local path; anything else is a hub name and returned as it is.

    Raises:
        ConfigError: no such item in the zoo.
        MissingDataError: the item has not been fetched.
    """
    if name.startswith(PREFIX):
        item = find_item(name)
        folder = item_folder(item.name)
        if not folder.is_dir():
            raise MissingDataError(
                f'{name} has not been fetched: {folder} is not there.\n'
                f'Fetch it ({item.megabytes} MB) with: python tools/zoo.py fetch {item.name}\n'
                'or set MMALM_HOME to the folder where it lies.'
            )
        return str(folder)
    return str(Path(name).expanduser()) if Path(name).expanduser().exists() else name


def architecture(name: str) -> dict | None:
    """The transformers config of a zoo model or a well-known hub model as data, so that it builds on the meta device.

    Nothing is looked up elsewhere: see :func:`shipped_architecture` for what a folder or the hub cache says instead.
    """
    if not name.startswith(PREFIX):
        return known_facts(name)
    file = resources.files(__package__) / 'architectures' / f'{find_item(name).name}.json'
    return json.loads(file.read_text(encoding='utf-8')) if file.is_file() else None


def shipped_architecture(name: str) -> dict | None:
    """The architecture as data, where neither a local folder nor the hub cache has the model's own config, which wins."""
    here = not name.startswith(PREFIX) and (Path(name).expanduser().exists() or local_file(name, 'config.json'))
    return None if here else architecture(name)


def local_file(name: str, file: str) -> Path | None:
    """A file of a model, where it lies in a local folder or, for a hub name, in the hub's cache."""
    if (folder := Path(name).expanduser()).exists():
        return folder / file if (folder / file).is_file() else None
    from huggingface_hub import constants, try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(name, file, cache_dir=constants.HF_HUB_CACHE)
    except HFValidationError:  # no name the hub could have
        return None
    return Path(found) if isinstance(found, str) else None


def closest_model(name: str) -> str:
    """'Did you mean ...?' over the models whose architecture is shipped; empty for one of them, or where none is near."""
    return '' if name in known_models() else closest(name, known_models())
