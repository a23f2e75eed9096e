"""Model files as CTranslate2 writes them, from the description of the format."""

import struct

import numpy as np

from mmalm.zoo.ctranslate2 import DTYPES


def string(text: str) -> bytes:
    return struct.pack('<H', len(text) + 1) + text.encode() + b'\0'


def model_file(specification: str, tensors: dict[str, np.ndarray], version: int = 6) -> bytes:
    """The bytes of a model file."""
    parts = [struct.pack('<I', version), string(specification), struct.pack('<II', 3, len(tensors))]
    for name, value in tensors.items():
        parts.append(string(name) + struct.pack(f'<B{value.ndim}I', value.ndim, *value.shape))
        parts.append(struct.pack('<BI', DTYPES.index(value.dtype), value.nbytes) + value.tobytes())
    return b''.join([*parts, struct.pack('<I', 1), string('alias'), string('a/weight')])
