"""Which files of a data set cannot be decoded: each is read once, and what came of it remembered."""

import hashlib
import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mmengine.dist import barrier, is_main_process

from ...atomic import write_json
from ...zoo import home
from ..progress import progress_bar
from .kinds import Kind

# decoders leave python's lock while they work
THREADS = min(8, os.cpu_count() or 1)


def unreadable_files(paths: Mapping[str, Path], kind: Kind) -> dict[str, str]:
    """Of files that cannot be read, why.

    What is known of a file holds until its size or its time of change is another; it lies in ``$MMALM_HOME/readable``. Of several
    processes one reads while the others wait.

    Args:
        paths: files by key.
        kind: what they are.
    """
    if is_main_process():
        try:
            return _look(paths, kind)
        finally:
            barrier()
    barrier()
    return _look(paths, kind)


def _look(paths: Mapping[str, Path], kind: Kind) -> dict[str, str]:
    # a store for each folder of media, so that looking at one data set does not read what is known of another
    common = os.path.commonpath([str(path.parent.absolute()) for path in paths.values()]) if paths else ''
    store = home() / 'readable' / f'{hashlib.sha256(f"{kind.noun}:{common}".encode()).hexdigest()[:32]}.json'
    known = _load(store)
    now = {key: _state(path) for key, path in paths.items()}
    new = [key for key, path in paths.items() if str(path) not in known or known[str(path)][0] != now[key]]
    with progress_bar(f'reading {kind.nouns}', len(new)) as advance, ThreadPoolExecutor(THREADS) as pool:
        for key, fault in zip(new, pool.map(lambda key: _fault(paths[key], kind), new), strict=True):
            known[str(paths[key])] = [now[key], fault]
            advance(1)
    if new:
        store.parent.mkdir(parents=True, exist_ok=True)
        write_json(store, known)
    return {key: fault for key, path in paths.items() if (fault := known[str(path)][1])}


def _load(store: Path) -> dict[str, list]:
    try:
        return json.loads(store.read_text(encoding='utf-8'))
    except (OSError, ValueError):  # what is not known is looked at
        return {}


def _state(path: Path) -> list[int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return [stat.st_size, stat.st_mtime_ns]


def _fault(path: Path, kind: Kind) -> str:
    try:
        kind.decodes(kind.open(path))
    except kind.unreadable as error:
        return kind.why(path, error)
    return ''
