"""Files, folders and links that are there whole or not at all, also after a power cut."""

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A temporary folder that becomes ``folder``, replacing an earlier one, when the block ends well."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f'.{folder.name}.', dir=folder.parent))
    try:
        yield temporary
        _settle(temporary)
        if folder.exists():
            # folders cannot be exchanged in one call everywhere: the old one steps aside first
            aside = Path(tempfile.mkdtemp(prefix=f'.{folder.name}.old.', dir=folder.parent))
            folder.rename(aside / 'old')
            try:
                temporary.rename(folder)
            except OSError:
                (aside / 'old').rename(folder)
                raise
            finally:
                shutil.rmtree(aside, ignore_errors=True)
        else:
            temporary.rename(folder)
        _sync(folder.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_json(file: Path, content: Any) -> None:
    """Write ``content`` as JSON, replacing the file in one step."""
    write_text(file, json.dumps(content, indent=2, ensure_ascii=False) + '\n')


def write_text(file: Path, text: str) -> None:
    """Write a text file, replacing an earlier one in one step."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f'.{file.name}.{os.getpid()}')
    try:
        temporary.write_text(text, encoding='utf-8')
        _sync(temporary)
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
    _sync(file.parent)


def remove_folder(folder: Path) -> None:
    """Remove a folder so that it is there whole or, whatever ends the removal half-way, not under its name."""
    aside = Path(tempfile.mkdtemp(prefix=f'.{folder.name}.gone.', dir=folder.parent))
    folder.rename(aside / 'old')
    _sync(folder.parent)
    shutil.rmtree(aside, ignore_errors=True)


def remove_leftovers(folder: Path, name: str = '*') -> None:
    """Remove what killed processes left half-made of ``name`` in ``folder``; nobody else may be writing it.

    Of a folder whose replacement was cut off half-way, the earlier one comes back.
    """
    for left in folder.glob(f'.{name}.old.*'):
        target = folder / left.name[1 : left.name.rindex('.old.')]
        if (left / 'old').exists() and not target.exists():
            (left / 'old').rename(target)
    for left in folder.glob(f'.{name}.*'):
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def full_disk(error: BaseException) -> bool:
    """Whether a disk or quota that is full caused it; libraries raise errors of their own for that."""
    return getattr(error, 'errno', None) in FULL or 'No space left' in str(error)


def point(link: Path, target: Path) -> None:
    """Make ``link`` a relative symbolic link to ``target``, replacing an earlier one in one step."""
    temporary = link.with_name(f'.{link.name}.{os.getpid()}')
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(os.path.relpath(target, link.parent))
    temporary.replace(link)
    _sync(link.parent)


def _settle(folder: Path) -> None:
    # temporary folders, and files of the safetensors library, are closed to others, whatever the user's umask says
    mask = os.umask(0)
    os.umask(mask)
    paths = [path for path in (folder, *folder.rglob('*')) if not path.is_symlink()]
    for path in paths:
        path.chmod((0o777 if path.is_dir() else 0o666) & ~mask)
    # side by side, since each alone waits for the disk: twenty times faster where there are thousands of files
    with ThreadPoolExecutor(min(64, len(paths))) as pool:
        list(pool.map(_sync, paths))


def _sync(path: Path) -> None:
    """Have a file's content, or a folder's list of names, on the disk itself."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
