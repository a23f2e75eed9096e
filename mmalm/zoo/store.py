"""Where the zoo's items lie on disk, and how two processes keep out of each other's way."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MANIFEST = 'zoo_manifest.json'


def home() -> Path:
    """The folder of everything mmalm caches: ``$MMALM_HOME``, or ~/.cache/mmalm."""
    return Path(os.environ.get('MMALM_HOME') or Path.home() / '.cache' / 'mmalm')


def item_folder(name: str) -> Path:
    """Where a fetched item lies; it exists only when complete."""
    return home() / 'zoo' / name


def read_manifest(name: str) -> dict | None:
    """What was recorded when the item was fetched, or ``None`` when it is not there."""
    file = item_folder(name) / MANIFEST
    return json.loads(file.read_text(encoding='utf-8')) if file.is_file() else None


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold the item's lock: a second fetcher waits, then finds the work done."""
    locks = home() / 'locks'
    locks.mkdir(parents=True, exist_ok=True)
    with open(locks / f'{name}.lock', 'w') as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
