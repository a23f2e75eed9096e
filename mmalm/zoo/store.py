"""Where the zoo's items lie on disk, what they consist of, and how two processes keep out of each other's way."""

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

MANIFEST = 'zoo_manifest.json'


def home() -> Path:
    """The folder of everything mmalm caches: ``$MMALM_HOME``, or ~/.cache/mmalm."""
    return Path(os.environ.get('MMALM_HOME') or '~/.cache/mmalm').expanduser().absolute()


def item_folder(name: str) -> Path:
    """Where a fetched item lies; it exists only when complete."""
    return home() / 'zoo' / name


def read_manifest(name: str) -> dict | None:
    """What was recorded when the item was fetched, or ``None`` when it is not there or cannot be read."""
    try:
        return json.loads((item_folder(name) / MANIFEST).read_text(encoding='utf-8'))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None


def checksums(folder: Path) -> dict[str, str]:
    """sha256 of every file below ``folder``, by relative path, the manifest left out."""
    found = {}
    for file in sorted(folder.rglob('*')):
        if file.is_file() and file.name != MANIFEST:
            with open(file, 'rb') as opened:
                found[str(file.relative_to(folder))] = hashlib.file_digest(opened, 'sha256').hexdigest()
    return found


def changes(folder: Path, manifest: dict) -> list[str]:
    """Which files of a fetched item are missing or not as they were, in words."""
    found = checksums(folder)
    faults = [f'{name} is missing' for name in manifest['files'] if name not in found]
    return faults + [f'{name} has changed' for name, sha in manifest['files'].items() if found.get(name, sha) != sha]


@contextmanager
def locked(name: str, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the item's lock: a second fetcher is told by ``waiting``, waits, then finds the work done."""
    locks = home() / 'locks'
    locks.mkdir(parents=True, exist_ok=True)
    with open(locks / f'{name}.lock', 'w') as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
