"""Files that a released code saved by ``torch.save``, read without running what is in them."""

import pickle
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.serialization import get_unsafe_globals_in_checkpoint, safe_globals

from ..errors import CheckpointError, MissingDataError

_REASON = re.compile(r'(?:Unsupported|Trying to load) .*?(?=\. |\.?$)', re.MULTILINE)
# scores are numpy's numbers where a metric made them; numpy has moved the function that makes one
_SCALAR = np.float64(0).__reduce__()[0]
_NUMBERS = [
    (_SCALAR, 'numpy.core.multiarray.scalar'),
    (_SCALAR, 'numpy._core.multiarray.scalar'),
    np.dtype,
    type(np.dtype('float64')),
    type(np.dtype('float32')),
    type(np.dtype('int64')),
]


def read_released(file: str | Path) -> dict[str, Any]:
    """The dict in a file: tensors, numbers, texts, lists and dicts; nothing else is unpickled.

    Raises:
        MissingDataError: no such file.
        CheckpointError: no file of ``torch.save``, damaged, no dict, or it holds what could run code; that is named.
    """
    file = Path(file)
    if not file.is_file():
        raise MissingDataError(f'No file {str(file)!r}.' if not file.is_dir() else f'{file} is a folder, not a file.')
    try:
        with safe_globals(_NUMBERS):
            content = torch.load(file, map_location='cpu', weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(f'{file} is not opened: {_why(file, error)}') from error
    except Exception as error:  # a file of another kind makes torch's reader fail in any way
        first = (str(error).strip() or type(error).__name__).split('\n')[0]
        raise CheckpointError(f'{file} is damaged, or no file of torch.save: {first}') from error
    if not isinstance(content, Mapping):
        raise CheckpointError(f'{file} holds a {type(content).__name__}; a dict is expected.')
    return dict(content)


def tensors(content: Mapping[str, Any], file: str | Path) -> dict[str, Tensor]:
    """The weights of a released checkpoint by name, without the 'module.' that data-parallel wrappers put before.

    Raises:
        CheckpointError: it has no dict of tensors under 'model', nor is one.
    """
    state = content.get('model', content)
    if not isinstance(state, Mapping) or not state or not all(isinstance(t, Tensor) for t in state.values()):
        keys = ', '.join(map(str, list(content)[:9])) or 'nothing'
        raise CheckpointError(f"{file} holds no tensors under 'model'. Its keys: {keys}.")
    return dict(_bare(state))


def _bare(state: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    for name, tensor in state.items():
        while name.startswith('module.'):
            name = name.removeprefix('module.')
        yield name, tensor


def _why(file: Path, error: Exception) -> str:
    if zipfile.is_zipfile(file):
        with safe_globals(_NUMBERS):
            found = get_unsafe_globals_in_checkpoint(file)
        if found:
            return (
                f'it holds {", ".join(sorted(found))}, and unpickling that could run any code. If you trust the file, load it '
                "where it was made and save its weights alone: torch.save({'model': checkpoint['model']}, FILE)."
            )
    # of torch's text the reason alone: the rest advises to unpickle it all the same
    reason = _REASON.search(str(error))
    return 'it is no file of torch.save, is damaged, or holds what could run code when unpickled' + (
        f': {reason[0]}.' if reason else '.'
    )
