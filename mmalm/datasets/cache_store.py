"""Rows of equal size on disk, found by key: append-only, memory-mapped, safe to kill, safe against two writers.

``rows.bin`` holds the rows, ``index.txt`` one line of fixed length a row: key, checksum of the row. A row is written
first and counts once its line is complete, so that whatever a kill leaves behind the last complete line is overwritten
by the next writer.
"""

import fcntl
import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ..atomic import full_disk
from ..errors import MissingDataError

_KEY = 64  # hex digits of sha256
_LINE = _KEY + 1 + 8 + 1  # key, blank, crc32, line feed
# claims lie on their own bytes of the lock file, far from the one that guards writing
_WRITING, _CLAIMS = 0, 1 << 20


class RowStore:
    """Rows of one shape and type in ``folder``.

    Args:
        folder: an existing folder.
        shape: of one row.
        dtype: numpy name of its type.
    """

    def __init__(self, folder: Path, shape: Sequence[int], dtype: str) -> None:
        self.folder = Path(folder)
        self.shape = tuple(shape)
        self.dtype = np.dtype(dtype)
        self.row_bytes = int(np.prod(self.shape)) * self.dtype.itemsize
        self._index: dict[str, tuple[int, int]] = {}
        self._lines = 0
        self._rows: np.memmap | None = None
        self._locks: int | None = None
        self.refresh()

    def __len__(self) -> int:
        return len(self._index)

    def __contains__(self, key: str) -> bool:
        return key in self._index

    def __getstate__(self) -> dict:  # file handles and maps stay with their process
        return {**self.__dict__, '_rows': None, '_locks': None}

    def refresh(self) -> None:
        """Take up the rows that have been completed since, by whatever process."""
        try:
            with open(self.folder / 'index.txt', 'rb') as file:
                file.seek(self._lines * _LINE)
                fresh = file.read()
        except FileNotFoundError:
            return
        complete = min(len(fresh) // _LINE, self._rows_on_disk() - self._lines)
        for number in range(complete):
            entry = _parse(fresh[number * _LINE : (number + 1) * _LINE])
            if entry is None:  # the rest was never completed
                break
            key, checksum = entry
            # a key that was written again replaces its earlier, damaged row
            self._index[key] = (self._lines, checksum)
            self._lines += 1

    def read(self, key: str) -> np.ndarray:
        """The row of ``key``, a copy.

        Raises:
            KeyError: no such row.
            MissingDataError: the row is not what was written.
        """
        row = self._intact(key)
        if row is None:
            raise MissingDataError(
                f'The feature cache {self.folder} is damaged: the row of {key[:12]} is not what was written. '
                'Fill it again, or delete the folder.'
            )
        return row

    def is_intact(self, key: str) -> bool:
        """Whether ``key`` has a row and it is what was written."""
        return key in self._index and self._intact(key) is not None

    def append(self, rows: dict[str, np.ndarray]) -> int:
        """Write the rows whose keys have none that is intact; returns how many that were.

        Raises:
            MissingDataError: they cannot be written; the rows that were there stay.
        """
        with self._locked(_WRITING):
            self.refresh()
            fresh = {key: np.ascontiguousarray(row, self.dtype) for key, row in rows.items() if not self.is_intact(key)}
            if any(row.shape != self.shape for row in fresh.values()):
                raise ValueError(
                    f'rows of a store of {self.shape} differ in shape: {[r.shape for r in fresh.values()]}'
                )
            data = [row.tobytes() for row in fresh.values()]
            lines = [f'{key} {zlib.crc32(row):08x}\n'.encode() for key, row in zip(fresh, data, strict=True)]
            try:
                _write(self.folder / 'rows.bin', self._lines * self.row_bytes, b''.join(data))
                _write(self.folder / 'index.txt', self._lines * _LINE, b''.join(lines))
            except OSError as error:
                raise MissingDataError(
                    f'The feature cache {self.folder} could not be written: {error}.\nWhat it holds stays. '
                    + ('Make room' if full_disk(error) else 'See that it can be written to')
                    + ', or name another folder: feature_cache.folder, or MMALM_HOME for all of them.'
                ) from error
            self.refresh()
        return len(fresh)

    @contextmanager
    def claimed(self, keys: Sequence[str]) -> Iterator[list[str]]:
        """Those of ``keys`` that no other process is working on, held until the end of the block or of the process."""
        handle = self._lock_file()
        mine = [key for key in keys if _try_lock(handle, _claim(key))]
        try:
            yield mine
        finally:
            for key in mine:
                fcntl.lockf(handle, fcntl.LOCK_UN, 1, _claim(key))

    def wait_for(self, key: str) -> None:
        """Return when no other process is working on ``key``."""
        with self._locked(_claim(key)):
            self.refresh()

    @contextmanager
    def _locked(self, byte: int) -> Iterator[None]:
        handle = self._lock_file()
        fcntl.lockf(handle, fcntl.LOCK_EX, 1, byte)
        try:
            yield
        finally:
            fcntl.lockf(handle, fcntl.LOCK_UN, 1, byte)

    def _lock_file(self) -> int:
        # one handle for good: closing any handle on the file would drop all of the process's locks on it
        if self._locks is None:
            self._locks = os.open(self.folder / 'lock', os.O_RDWR | os.O_CREAT, 0o666)
        return self._locks

    def _intact(self, key: str) -> np.ndarray | None:
        number, checksum = self._index[key]
        if self._rows is None or number >= len(self._rows):
            count = self._rows_on_disk()
            if number >= count:
                return None
            self._rows = np.memmap(self.folder / 'rows.bin', self.dtype, 'r', shape=(count, *self.shape))
        row = np.array(self._rows[number])
        return row if zlib.crc32(row.tobytes()) == checksum else None

    def _rows_on_disk(self) -> int:
        try:
            return (self.folder / 'rows.bin').stat().st_size // self.row_bytes
        except FileNotFoundError:
            return 0


def _write(path: Path, offset: int, data: bytes) -> None:
    """Write at ``offset``, drop what a killed writer left behind it, and wait for the disk."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        view = memoryview(data)
        while view:
            count = os.pwrite(handle, view, offset)
            view, offset = view[count:], offset + count
        os.ftruncate(handle, offset)
        os.fsync(handle)
    finally:
        os.close(handle)


def _parse(line: bytes) -> tuple[str, int] | None:
    try:
        key, checksum = line[:-1].decode('ascii').split(' ')
        return (key, int(checksum, 16)) if line.endswith(b'\n') and len(key) == _KEY else None
    except ValueError:
        return None


def _claim(key: str) -> int:
    return _CLAIMS + int(key[:12], 16)


def _try_lock(handle: int, byte: int) -> bool:
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)
    except OSError:
        return False
    return True
