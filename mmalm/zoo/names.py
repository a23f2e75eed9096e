"""From the names configs write to folders on disk, and to architectures known without any weights."""

import json
from importlib import resources
from pathlib import Path

from ..errors import MissingDataError
from .catalog import PREFIX, find_item
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
    """The transformers config of a zoo model as data, so that it builds on the meta device before it is fetched."""
    if not name.startswith(PREFIX):
        return None
    file = resources.files(__package__) / 'architectures' / f'{find_item(name).name}.json'
    return json.loads(file.read_text(encoding='utf-8')) if file.is_file() else None
