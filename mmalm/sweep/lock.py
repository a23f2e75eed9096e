"""One sweep at a time in a folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import MmalmError


@contextmanager
def alone(work_dir: Path) -> Iterator[None]:
    """Hold the sweep's folder; the lock goes with the process, however it ends.

    Raises:
        MmalmError: another sweep runs there, or the folder cannot be written to.
    """
    try:
        work_dir.mkdir(parents=True, exist_ok=True)
        lock = os.open(work_dir / '.sweep.lock', os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise MmalmError(f'{work_dir} cannot be written to: {error.strerror}. Name another with --work-dir.') from error
    try:
        if not _taken(lock):
            holder = os.pread(lock, 20, 0).decode() or 'unknown'
            raise MmalmError(
                f'Another sweep runs in {work_dir} (process {holder}). Wait for it, stop it, or name another --work-dir.'
            )
        os.ftruncate(lock, 0)
        os.write(lock, str(os.getpid()).encode())
        yield
    finally:
        os.close(lock)


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
