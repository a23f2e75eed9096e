"""What of a data set is there, what is missing, and whether its reader takes it."""

import contextlib
import io
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..datasets.labels import read_labels
from ..datasets.media.blank import BLANK
from ..errors import ConfigError, MmalmError, closest
from ..registry import DATASETS
from .building import build
from .catalog import Build, DataSet, Download, Folder, Split

# states of what is as it should be
GOOD = ('here', 'built')


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: a file, a folder or a split.
        state: 'here', 'built'; 'missing', 'partial' (fewer than published), 'differs' (another number than published), 'wrong'
            (the reader refuses it), 'not read' (something it needs is missing).
        found: what is there, such as '82,783 files'.
        published: what there is when it is whole, as far as known.
        hint: what to do about it; empty where nothing is to be done.
    """

    what: str
    state: str
    found: str = ''
    published: str = ''
    hint: str = ''

    @property
    def good(self) -> bool:
        return self.state in GOOD


def check_data_set(data: DataSet, root: Path, splits: Collection[str] = (), builds: bool = True) -> Iterator[Finding]:
    """Look at everything, and build what can be built; findings come as they are made.

    Args:
        data: the data set.
        root: its folder.
        splits: only these; all where empty.
        builds: build files that are missing.

    Raises:
        ConfigError: unknown splits.
    """
    for name in splits:
        if name not in data.splits:
            raise ConfigError(
                f'{data.title} has no split {name!r}. {closest(name, data.splits)} Splits: {", ".join(data.splits)}.'
            )
    wanted = [name for name in data.splits if not splits or name in splits]
    if builds:
        yield from _unpack(data, root, wanted)
    lacking: set[str] = set()
    for download in data.downloads:
        of_these = [name for name in wanted if not download.splits or name in download.splits]
        for finding in _download(download, root) if of_these else ():
            if finding.state == 'missing':
                lacking.update(of_these)
            yield finding
    for name in wanted:
        yield _split(name, data, data.splits[name], root, name in lacking)
    for what in data.builds:
        # what is built of other splits than were asked for is nothing that is missing
        if not what.first and (not splits or all((root / name).is_file() for name in what.needs)):
            yield _build(what, root, builds)


def _unpack(data: DataSet, root: Path, splits: Collection[str]) -> Iterator[Finding]:
    """Build what the splits are read from, where it lacks and what it is built of is there."""
    read = {name for d in data.downloads if not d.splits or {*d.splits} & {*splits} for name in d.files}
    for what in data.builds:
        possible = what.first and all((root / name).is_file() for name in what.needs)
        if possible and read.issuperset(what.files) and _lacks(what, root):
            yield _build(what, root, True)


def _lacks(what: Build, root: Path) -> bool:
    return not all((root / name).is_file() for name in what.files)


def _download(download: Download, root: Path) -> Iterator[Finding]:
    hint = f'{download.what}: {download.url}' + (f' ({download.size})' if download.size else '')
    for name in download.files:
        file = root / name
        if file.is_file() and file.stat().st_size:
            yield Finding(name, 'here', _size(file.stat().st_size))
        else:
            yield Finding(name, 'missing', 'empty' if file.is_file() else '', hint=hint)
    for folder in download.folders:
        yield _folder(folder, root, hint)


def _folder(folder: Folder, root: Path, hint: str) -> Finding:
    path = root / folder.path
    endings = tuple(folder.endings)
    count = sum(entry.name.lower().endswith(endings) for entry in os.scandir(path)) if path.is_dir() else 0
    published = '' if folder.count is None else f'{folder.count:,} files'
    if not count:
        return Finding(f'{folder.path}/', 'missing', 'no files' if path.is_dir() else '', published, hint)
    whole = folder.count is None or count >= folder.count
    return Finding(
        f'{folder.path}/', 'here' if whole else 'partial', f'{count:,} files', published, '' if whole else hint
    )


def _split(name: str, data: DataSet, split: Split, root: Path, lacking: bool) -> Finding:
    published = [f'{split.samples:,} samples'] if split.samples is not None else []
    published += [f'{split.media:,} media'] if split.media is not None else []
    what, whole = f'split {name}', ', '.join(published)
    if lacking:
        return Finding(what, 'not read', '', whole, 'See what is missing above.')
    try:
        # what it says of its data is in its notes
        with contextlib.redirect_stdout(io.StringIO()):
            dataset = DATASETS.build({'type': data.reader, 'root': str(root), **split.arguments})
    except MmalmError as error:
        return Finding(what, 'wrong', '', whole, str(error))
    media = sum(key != BLANK for key in dataset.media)
    found = f'{len(dataset):,} samples, {media:,} media'
    notes = '; '.join(getattr(dataset, 'notes', ()))
    counts = ((split.samples, len(dataset)), (split.media, media))
    same = all(number is None or number == there for number, there in counts)
    return Finding(
        what, 'here' if same else 'differs', found, whole, notes if same else f'Not as published. {notes}'.strip()
    )


def _build(what: Build, root: Path, builds: bool) -> Finding:
    published = '' if what.entries is None else f'{what.entries:,} entries'
    files = ', '.join(what.files)
    there = not _lacks(what, root)
    if not there and not all((root / name).is_file() for name in what.needs):
        return Finding(files, 'missing', '', published, f'Built of {", ".join(what.needs)}, once they are there.')
    if not there and not builds:
        return Finding(files, 'missing', '', published, 'Built without --no-build.')
    try:
        count, state = (len(read_labels(root / what.files[0])), 'here') if there else (build(root, what), 'built')
    except MmalmError as error:
        again = 'Delete it to have it built anew.' if there else ''
        return Finding(files, 'wrong', '', published, f'{error}\n{again}'.rstrip())
    same = what.entries in (None, count)
    return Finding(
        files, state if same else 'differs', f'{count:,} entries', published, '' if same else 'Not as published.'
    )


def _size(count: int) -> str:
    for unit in ('bytes', 'kB', 'MB'):
        if count < 1000:
            return f'{count:,.0f} {unit}'
        count /= 1000
    return f'{count:,.1f} GB'
