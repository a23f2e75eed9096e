"""Reading the tensors of a CTranslate2 model file, without CTranslate2."""

import struct
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ..errors import MissingDataError

DTYPES = (np.dtype('<f4'), np.dtype('i1'), np.dtype('<i2'), np.dtype('<i4'), np.dtype('<f2'))
VERSION = 6


def read_model(file: Path) -> tuple[str, dict[str, np.ndarray]]:
    """The name of the model's specification, and its tensors by name, aliases left out.

    Little-endian: u32 version, string specification, u32 revision, u32 count; then a variable each: string name, u8
    rank, u32 dimensions, u8 type, u32 bytes, data. A string is its length (u16, the final NUL counted) and its bytes.

    Raises:
        MissingDataError: another version or a truncated file.
    """
    with open(file, 'rb') as opened:
        try:
            (version,) = _numbers(opened, 'I')
            if version != VERSION:
                raise MissingDataError(f'{file}: version {version} of the format; {VERSION} is read here.')
            specification = _string(opened)
            _, count = _numbers(opened, 'II')
            return specification, dict(_variable(opened) for _ in range(count))
        except (struct.error, IndexError, ValueError) as error:
            raise MissingDataError(f'{file} is damaged or truncated ({error}).') from error


def _variable(file: BinaryIO) -> tuple[str, np.ndarray]:
    name = _string(file)
    (rank,) = _numbers(file, 'B')
    shape = _numbers(file, f'{rank}I')
    kind, size = _numbers(file, 'BI')
    return name, np.frombuffer(file.read(size), DTYPES[kind]).reshape(shape)


def _string(file: BinaryIO) -> str:
    (length,) = _numbers(file, 'H')
    return file.read(length).rstrip(b'\0').decode()


def _numbers(file: BinaryIO, layout: str) -> tuple[int, ...]:
    return struct.unpack(f'<{layout}', file.read(struct.calcsize(f'<{layout}')))
