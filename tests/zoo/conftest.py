"""A zoo in a temporary folder, tiny packages to fill it with, and stand-ins for the package clients."""

import hashlib
import sys
import tarfile
import types
import zipfile
from pathlib import Path

import pytest

from mmalm.zoo import clients as clients_module
from mmalm.zoo.catalog import Item

FILES = {'tiny/model/config.json': '{"width": 3}', 'tiny/model/more/vocab.txt': 'a\nb\n', 'tiny/other.py': ''}


class Clients:
    """A PATH that holds nothing but the scripts a test puts there; each writes its calls into one file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir()
        self.log = folder / 'calls.log'

    def script(self, name: str, body: str) -> None:
        """An executable shell script."""
        file = self.folder / name
        file.write_text(f'#!/bin/sh\necho "{name} $*" >> {self.log}\n{body}\n')
        file.chmod(0o755)

    def gives(self, name: str, package: Path) -> None:
        """A client that copies ``package`` into the folder behind -d, or into its working folder."""
        find = 'into=.\nwhile [ $# -gt 0 ]; do [ "$1" = -d ] && into=$2; shift; done'
        self.script(name, f'{find}\n/bin/cp {package} "$into"')

    @property
    def calls(self) -> list[str]:
        """The command lines so far."""
        return self.log.read_text().splitlines() if self.log.exists() else []


def sha256(file: Path) -> str:
    """The checksum of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.fixture(autouse=True)
def zoo_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the zoo lies in this test."""
    monkeypatch.setenv('MMALM_HOME', str(tmp_path / 'home'))
    return tmp_path / 'home'


@pytest.fixture
def clients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clients:
    """Stand-ins for the package clients; the script 'pip' is taken for pip."""
    made = Clients(tmp_path / 'bin')
    monkeypatch.setenv('PATH', str(made.folder))
    monkeypatch.setattr(clients_module, '_pip', lambda item, scratch: [str(made.folder / 'pip')])
    return made


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """A wheel with a model's folder in it."""
    file = tmp_path / 'tiny_package-1.0-py3-none-any.whl'
    with zipfile.ZipFile(file, 'w') as opened:
        for name, text in FILES.items():
            opened.writestr(name, text)
    return file


@pytest.fixture
def item(wheel: Path, clients: Clients) -> Item:
    """An item that comes in the wheel, which pip gives."""
    clients.gives('pip', wheel)
    return Item(
        name='tiny',
        role='model',
        client='pip',
        package='tiny-package',
        version='1.0',
        sha256=sha256(wheel),
        megabytes=1,
        installed_megabytes=2,
        licence='MIT',
        member='tiny/model',
    )


@pytest.fixture
def deb_item(tmp_path: Path, clients: Clients) -> Item:
    """An item that comes as a Debian package; a tar stands for its format, and 2-1 is the version it states."""
    (tmp_path / 'stamp.txt').write_text('A heron.\n')
    file = tmp_path / 'tiny-stamps_2-1_all.deb'
    with tarfile.open(file, 'w') as opened:
        opened.add(tmp_path / 'stamp.txt', 'usr/share/stamps/stamp.txt')
    clients.gives('apt-get', file)
    clients.script('dpkg-deb', 'if [ $1 = -x ]; then /bin/tar -xf "$2" -C "$3"; else printf "tiny-stamps 2-1"; fi')
    clients.script('apt-cache', 'echo "  Installed: (none)"; echo "  Candidate: 2-1"')
    return Item(
        name='tiny-stamps',
        role='pictures',
        client='apt',
        package='tiny-stamps',
        version='1-1',
        sha256=sha256(file),
        megabytes=1,
        installed_megabytes=2,
        licence='GPL-2',
        member='usr/share/stamps',
    )


@pytest.fixture
def converter(monkeypatch: pytest.MonkeyPatch):
    """Makes ``function(member, folder)`` the converter named 'convert_test'."""

    def install(function) -> str:
        module = types.ModuleType('mmalm.zoo.convert_test')
        module.convert = function
        monkeypatch.setitem(sys.modules, module.__name__, module)
        return 'convert_test'

    return install
