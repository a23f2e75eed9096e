"""One run at a time in a folder, and none in a folder that cannot be written."""

import contextlib
import errno
import fcntl
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from mmalm.errors import TrainingError

from .results import now

LOCK = '.lock'
# locks by fcntl do not hold between two runs of one process
_held: set[Path] = set()


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a run's folder, making it where it is not there; the lock ends with the process, however it ends.

    The processes that load data do not inherit it. A folder that was made for a run that comes to nothing goes again.

    Raises:
        TrainingError: another run holds it, or it cannot be written.
    """
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # on its own handle, never opened twice: closing any handle on the file would drop the lock
        if folder.resolve() in _held:
            raise TrainingError(f'{folder} is in use by another run of this process. Choose another work_dir.')
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise TrainingError(
            f'{folder} cannot be written, so no run can be kept there: {error.strerror}. Choose another folder by --work-dir.'
        ) from error
    try:
        _lock(handle, folder)
        _held.add(folder.resolve())
        os.ftruncate(handle, 0)
        os.pwrite(handle, f'process {os.getpid()} on {socket.gethostname()} since {now()}\n'.encode(), 0)
        yield
    finally:
        _held.discard(folder.resolve())
        if made and [path.name for path in folder.iterdir()] == [LOCK]:
            with contextlib.suppress(OSError):
                (folder / LOCK).unlink()
                for path in made:
                    path.rmdir()
        os.close(handle)


def _lock(handle: int, folder: Path) -> None:
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EAGAIN):
            print(f'{folder} is on a file system without locks ({error.strerror}): see that no other run writes there.')
            return
        holder = os.pread(handle, 500, 0).decode(errors='replace').strip() or 'another process'
        raise TrainingError(
            f'{folder} is in use by another run: {holder}. Wait until it ends, or choose another folder by --work-dir.'
        ) from None
