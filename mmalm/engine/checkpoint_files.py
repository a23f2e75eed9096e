"""The files of a checkpoint, read and checked: trained weights as safetensors, and a JSON that says of what.

A checkpoint is a folder with ``weights.safetensors`` and ``mmalm.json``. Nothing in it is ever unpickled.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from mmalm.errors import CheckpointError, ConfigError, MissingDataError, closest

FORMAT_VERSION = 1
WEIGHTS = 'weights.safetensors'
DESCRIPTION = 'mmalm.json'


def as_folder(given: Any) -> Path:
    """A checkpoint's folder as a path.

    Raises:
        ConfigError: it is none.
    """
    if not isinstance(given, (str, Path)):
        raise ConfigError(
            f'A checkpoint is named by its folder, as work_dirs/my_run/checkpoints/best; found {given!r} '
            f'({type(given).__name__}).'
        )
    return Path(given)


def read_description(folder: str | Path) -> dict[str, Any]:
    """The JSON of a checkpoint.

    Raises:
        MissingDataError: there is nothing at ``folder``.
        CheckpointError: not a checkpoint folder, or damaged.
        ConfigError: ``folder`` is no path at all.
    """
    folder = as_folder(folder)
    if not folder.exists():
        there = [path.name for path in folder.parent.iterdir()] if folder.parent.is_dir() else []
        raise MissingDataError(f'No checkpoint at {folder}. {closest(folder.name, there)}'.rstrip())
    if folder.is_file():
        pickled = folder.open('rb').read(2) in (b'PK', b'\x80\x02', b'\x80\x03', b'\x80\x04', b'\x80\x05')
        what = 'a pickle, which could run any code when opened, so it is not opened here' if pickled else 'a file'
        raise CheckpointError(
            f'{folder} is {what}. A checkpoint is a folder with {WEIGHTS} and {DESCRIPTION}; '
            'tools/convert_checkpoint.py makes one of a released checkpoint.'
        )
    if not (folder / DESCRIPTION).is_file():
        inside = sorted(path.name for path in folder.iterdir())
        near = next(
            (p for p in (folder / 'checkpoints' / 'best', folder / 'best') if (p / DESCRIPTION).is_file()), None
        )
        hint = f' Did you mean {near}?' if near else ''
        raise CheckpointError(
            f'{folder} is not a checkpoint: it has no {DESCRIPTION}.{hint} Found: {", ".join(inside[:9]) or "nothing"}.'
        )
    description = read_json(folder / DESCRIPTION)
    if description.get('format_version') != FORMAT_VERSION:
        raise CheckpointError(
            f'{folder} has checkpoint format {description.get("format_version")!r}; this version of mmalm reads '
            f'{FORMAT_VERSION}. It was written by mmalm {description.get("mmalm_version", "?")}.'
        )
    return description


def verify(folder: Path, complete: bool = False) -> dict[str, Any]:
    """The JSON of a checkpoint whose files are what was written.

    Args:
        folder: the checkpoint's.
        complete: every file is to be there; otherwise the training state may be gone, which older checkpoints do not keep.

    Raises:
        MissingDataError: there is nothing at ``folder``.
        CheckpointError: not a checkpoint folder, or damaged.
    """
    description = read_description(folder)
    for name, expected in description.get('sha256', {}).items():
        file = folder / name
        if not file.is_file() and (complete or name == WEIGHTS):
            raise CheckpointError(f'{folder} is damaged: it has no {name}. Use another checkpoint.')
        if file.is_file() and checksum(file) != expected:
            raise CheckpointError(
                f'{file} ({file.stat().st_size:,} bytes) is damaged or truncated: it is not what was written. '
                'Use another checkpoint.'
            )
    return description


def checksums(folder: Path) -> dict[str, str]:
    """sha256 of every file in ``folder``, by name."""
    return {file.name: checksum(file) for file in sorted(folder.iterdir()) if file.is_file()}


def checksum(file: Path) -> str:
    """sha256 of a file, in hex."""
    with open(file, 'rb') as opened:
        return hashlib.file_digest(opened, 'sha256').hexdigest()


def read_json(file: Path) -> dict[str, Any]:
    """A JSON file of a checkpoint.

    Raises:
        CheckpointError: it is missing or damaged.
    """
    try:
        content = json.loads(file.read_text(encoding='utf-8'))
    except (OSError, ValueError) as error:
        raise CheckpointError(f'{file} is damaged or cannot be read: {error}. Use another checkpoint.') from error
    if not isinstance(content, dict):
        raise CheckpointError(f'{file} is damaged: expected a JSON object, found {type(content).__name__}.')
    return content


def read_tensors(file: Path) -> dict[str, torch.Tensor]:
    """A safetensors file of a checkpoint.

    Raises:
        CheckpointError: it is missing or damaged.
    """
    try:
        return load_file(file)
    except (OSError, SafetensorError) as error:
        size = f' ({file.stat().st_size:,} bytes)' if file.is_file() else ''
        raise CheckpointError(
            f'{file}{size} is damaged or cannot be read: {error}. It may be truncated; use another checkpoint.'
        ) from error
