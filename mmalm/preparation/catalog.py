"""What each data set consists of, and where it comes from: one file of ``sets/`` a data set."""

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from ..errors import ConfigError, closest

SETS = Path(__file__).parent / 'sets'


class Folder(msgspec.Struct, forbid_unknown_fields=True):
    """A folder of media below the root: how many files with one of its endings it has when whole; None where that is open.

    The ending '' counts all there is in it, such as folders.
    """

    path: str
    endings: list[str]
    count: int | None = None


class Download(msgspec.Struct, forbid_unknown_fields=True):
    """Something to be fetched by hand: what it is, where, how large, which files and folders it gives, for which splits."""

    what: str
    url: str
    size: str = ''
    files: list[str] = []
    folders: list[Folder] = []
    splits: list[str] = []


class Split(msgspec.Struct, forbid_unknown_fields=True):
    """Arguments of the reader for a split, and how many samples and files of media it has; None where that is open."""

    arguments: dict[str, Any]
    samples: int | None = None
    media: int | None = None


class Build(msgspec.Struct, forbid_unknown_fields=True):
    """Files that are built of others: how (see :mod:`.building`), of which, and how many entries the published ones have.

    What is built ``first`` is what the splits are read from, in place of downloads; where there is nothing to build it of, nothing
    is missing but these.
    """

    how: str
    files: list[str]
    needs: list[str]
    entries: int | None = None
    first: bool = False


class DataSet(msgspec.Struct, forbid_unknown_fields=True):
    """A data set.

    Attributes:
        title: its name in full.
        about: what it is, in a few words.
        page: its official page.
        licence: of its files, as far as known.
        docs: the page of the documentation that has its layout.
        root: the folder it is read from unless told.
        reader: name of its class in the registry of data sets.
        downloads, splits, builds: see there.
    """

    title: str
    about: str
    page: str
    licence: str
    docs: str
    root: str
    reader: str
    downloads: list[Download]
    splits: dict[str, Split]
    builds: list[Build] = []


@cache
def data_sets(folder: Path = SETS) -> dict[str, DataSet]:
    """All data sets by name."""
    return {file.stem: msgspec.json.decode(file.read_bytes(), type=DataSet) for file in sorted(folder.glob('*.json'))}


def find_data_set(name: str, folder: Path = SETS) -> DataSet:
    """The data set of a name.

    Raises:
        ConfigError: there is none.
    """
    known = data_sets(folder)
    if name not in known:
        raise ConfigError(f'Unknown data set {name!r}. {closest(name, known)} Known: {", ".join(known)}.')
    return known[name]
