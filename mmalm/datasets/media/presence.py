"""Whether the files a data set names are there, by one listing of each folder."""

import os
from collections.abc import Collection, Sequence
from pathlib import Path, PurePosixPath

from ...errors import MissingDataError


def absent(root: Path, wanted: Sequence[str], folders: bool = True) -> tuple[list[str], set[str]]:
    """Keys whose files are not there, and all files in their folders.

    Args:
        root: the folder that holds all of them.
        wanted: keys, as '<folder>/<file>'.
        folders: whether a missing folder is an error, rather than all its files missing.

    Raises:
        MissingDataError: a folder is missing.
    """
    there: set[str] = set()
    for folder in dict.fromkeys(str(PurePosixPath(key).parent) for key in wanted):
        try:
            with os.scandir(root / folder) as entries:
                names = [entry.name for entry in entries if not entry.is_dir()]
        except OSError as error:
            if not folders:
                continue
            found = sorted(path.name for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
            raise MissingDataError(
                f'The folder {root / folder} cannot be listed: {error.strerror}. '
                f'Folders in {root}: {", ".join(found[:8]) or "none"}.'
            ) from error
        there.update(names if folder == '.' else (f'{folder}/{name}' for name in names))
    return [key for key in wanted if str(PurePosixPath(key)) not in there], there


def check_presence(root: Path, wanted: Sequence[str], known: Collection[str], nouns: str, where: str) -> int:
    """See that all files are there.

    Args:
        root, wanted: see :func:`absent`.
        known: keys of all files that are asked about, whether needed or not.
        nouns: what the files are called.
        where: what to do where they are missing.

    Returns:
        how many files in those folders, with endings as the known ones have, are not asked about.

    Raises:
        MissingDataError: a folder or files are missing.
    """
    try:
        missing, there = absent(root, wanted)
    except MissingDataError as error:
        raise MissingDataError(f'{error}\n{where}'.rstrip()) from error
    if missing:
        raise MissingDataError(f'{tell_missing(missing, len(wanted), root, nouns)}\n{where}'.rstrip())
    endings = tuple({os.path.splitext(key)[1] for key in known})
    return len({key for key in there if key.endswith(endings)}.difference(known))


def tell_missing(missing: Sequence[str], of: int, root: Path, nouns: str) -> str:
    """How many are missing, and which, in a sentence."""
    more = f' and {len(missing) - 3:,} more' if len(missing) > 3 else ''
    return f'{len(missing):,} of {of:,} {nouns} that are asked about are not in {root}: {", ".join(missing[:3])}{more}.'
