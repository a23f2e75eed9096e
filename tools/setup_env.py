#!/usr/bin/env python3
"""Make the environment that `make train` and `make test` use, from the one pinned package set.

    python3.11 tools/setup_env.py [--venv .venv]

Standard library only: it runs before anything is installed. An environment counts as made once its stamp holds the key
of what it was made from; the stamp is written last, so an interrupted set-up is found out and made again. Packages come
by `uv` (installed into the environment itself where there is none), else by `pip`; MMALM_INSTALLER=uv|pip overrides.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ((3, 11), (3, 12))
STAMP = '.mmalm-setup'
BUILDING = 'building'
LOG = 'setup.log'

# what uv and pip say when an index is out of reach
UNREACHABLE = re.compile(
    r'Retrying \(Retry|NewConnectionError|Failed to establish|name resolution|dns error|Network is unreachable'
    r'|Connection ?(refused|reset|Timeout)|ConnectTimeout|Read timed out|operation timed out|ProxyError|SSLError'
    r'|error sending request|tcp connect error|Failed to fetch|Network connectivity is disabled|network was disabled',
    re.IGNORECASE,
)

PROGRESS = re.compile(r'\s*(Downloading|Downloaded|Building|Built|Prepared|Installed|Installing collected)\b')

NO_NETWORK = """\
The environment could not be made: a Python package index is needed once, and it could not be reached.
  tried: {tried}
  found: {found}
What to do, then run the same command again (what is downloaded already is kept):
  - connect this machine, or name its proxy:   HTTPS_PROXY=http://HOST:PORT
  - name an index that it can reach:           PIP_INDEX_URL=https://HOST/simple (uv: UV_DEFAULT_INDEX)
  - or a folder of wheels, without any index:  PIP_FIND_LINKS=FOLDER PIP_NO_INDEX=1 (uv: UV_FIND_LINKS, UV_OFFLINE=1)
    filled on a connected machine of the same kind by: pip download --no-deps -d FOLDER -r requirements/lock.txt
What the installer said is in {log}."""

FAILED = """\
The environment could not be made: {command} ended with exit status {status}.
{tail}
All of it is in {log}. Nothing half-made is used: the next run starts afresh."""

NO_INSTALLER = """\
The environment could not be made: this Python ({python}) has neither pip nor ensurepip, and uv is not installed.
Install one of them and run the same command again:
  - Debian, Ubuntu:  apt install python3-venv
  - anywhere:        uv, as one file on the PATH (https://docs.astral.sh/uv)"""


class SetupError(Exception):
    """What the user is told instead of a traceback."""


def check_python() -> None:
    if sys.version_info[:2] not in PYTHONS or sys.platform == 'win32':
        wanted = ' or '.join('.'.join(map(str, v)) for v in PYTHONS)
        raise SetupError(
            f'mmalm needs Python {wanted} on Linux; this is {sys.version.split()[0]} ({sys.executable}).\n'
            'Install one (Debian, Ubuntu: apt install python3.11 python3.11-venv),'
            ' or say where it is: make PYTHON=/path/to/python3.11 ...'
        )


def key_of(venv: Path, lock: Path) -> str:
    """What an environment is made from: the pinned set, setup.py, this Python; and where, for scripts hold paths."""
    parts = [lock.read_bytes(), (ROOT / 'setup.py').read_bytes(), sys.version.encode(), sys.prefix.encode()]
    return hashlib.sha256(b'\0'.join([*parts, str(ROOT).encode(), str(venv).encode()])).hexdigest()


def is_ready(venv: Path, key: str) -> bool:
    stamp = venv / STAMP
    if not stamp.is_file() or stamp.read_text() != key:
        return False
    # the stamp does not tell that the Python it was made with has since been removed
    with contextlib.suppress(OSError):
        return subprocess.run([str(venv / 'bin' / 'python'), '-c', '']).returncode == 0
    return False


def write_stamp(venv: Path, text: str) -> None:
    draft = venv / (STAMP + '.draft')
    draft.write_text(text)
    os.replace(draft, venv / STAMP)


def make_empty(venv: Path) -> None:
    """An environment without packages, marked as being built. An older one is removed, a folder not ours refused."""
    if venv.exists() and any(venv.iterdir()):
        if not (venv / STAMP).is_file():
            raise SetupError(
                f'{venv} exists and was not made by this set-up, so it is left alone.\n'
                'Move it away, or have another folder used: make VENV=FOLDER ...'
            )
        state = 'half-made' if (venv / STAMP).read_text() == BUILDING else 'out of date'
        print(f'Removing {venv}: {state}.', flush=True)
        # first what says "made", in case the removal itself is interrupted
        write_stamp(venv, BUILDING)
        for entry in sorted(venv.iterdir(), key=lambda entry: entry.name == STAMP):
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    venv.mkdir(parents=True, exist_ok=True)
    write_stamp(venv, BUILDING)
    run([sys.executable, '-m', 'venv', '--without-pip', str(venv)], venv)


def run(command: list[str], venv: Path) -> None:
    """Run a command, show its progress, keep all it says in the log; SetupError with what to do when it fails."""
    said = []
    with open(venv / LOG, 'a', encoding='utf-8') as log:
        log.write('\n$ ' + ' '.join(command) + '\n')
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment(),
            text=True,
            errors='replace',
        )
        try:
            for line in process.stdout:
                log.write(line)
                said.append(line.rstrip())
                if re.match(
                    r'\s*(Downloading|Downloaded|Building|Built|Prepared|Installed|Installing collected)\b', line
                ):
                    print('  ' + line.strip()[:160], flush=True)
        except BaseException:
            process.terminate()
            raise
        finally:
            status = process.wait()
    if status:
        raise SetupError(explain(command, status, said, venv / LOG))


def explain(command: list[str], status: int, said: list[str], log: Path) -> str:
    """The message for a command that failed: an index out of reach, or the last words of anything else."""
    telling = [line for line in said if UNREACHABLE.search(line)]
    if not telling:
        tail = '\n'.join('  ' + line for line in said[-12:])
        return FAILED.format(command=' '.join(command[:4]), status=status, tail=tail, log=log)
    urls = re.findall(r'https?://[^\s\'"`)>,]+', '\n'.join(said))
    tried = urls[0] if urls else 'no address: working offline'
    message = NO_NETWORK.format(tried=tried, found=telling[-1].strip()[:300], log=log)
    # an index may be named with a password in it
    return re.sub(r'//[^/@\s]*@', '//***@', message)


def environment() -> dict[str, str]:
    """The environment of installers: uv is told what pip is told by its own variables, unless uv has its own."""
    env = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK='1', PIP_USER='0')
    if not any(name in env for name in ('UV_DEFAULT_INDEX', 'UV_INDEX_URL', 'UV_OFFLINE', 'UV_FIND_LINKS')):
        if env.get('PIP_INDEX_URL'):
            env['UV_DEFAULT_INDEX'] = env['PIP_INDEX_URL']
        if env.get('PIP_NO_INDEX'):
            env.update(UV_OFFLINE='1', UV_FIND_LINKS=','.join(env.get('PIP_FIND_LINKS', '').split()))
    return env


def works(command: list[str]) -> bool:
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def pip_for(venv: Path) -> list[str]:
    """A pip command that installs into ``venv``."""
    python = str(venv / 'bin' / 'python')
    if importlib.util.find_spec('ensurepip'):
        run([python, '-m', 'ensurepip', '--upgrade', '--default-pip'], venv)
        return [python, '-m', 'pip', 'install']
    if works([sys.executable, '-m', 'pip', '--version']):
        return [sys.executable, '-m', 'pip', '--python', python, 'install']
    raise SetupError(NO_INSTALLER.format(python=sys.executable))


def installer_for(venv: Path) -> list[str]:
    """The command that installs packages into ``venv``: uv where it is or can be had, else pip."""
    choice = os.environ.get('MMALM_INSTALLER', 'auto')
    if choice not in ('auto', 'uv', 'pip'):
        raise SetupError(f'MMALM_INSTALLER is {choice!r}; it can be uv, pip or auto.')
    into = ['pip', 'install', '--python', str(venv / 'bin' / 'python')]
    if choice != 'pip' and works(['uv', '--version']):
        return ['uv', *into]
    pip = pip_for(venv)
    if choice == 'pip':
        return pip
    try:
        run([*pip, '--requirement', str(ROOT / 'requirements' / 'bootstrap.txt')], venv)
    except SetupError as error:
        # an index that lacks uv still serves; one that cannot be reached serves nobody
        if choice == 'uv' or 'could not be reached' in str(error):
            raise
        print('  uv could not be installed; going on with pip.', flush=True)
        return pip
    return [str(venv / 'bin' / 'uv'), *into]


def build(venv: Path, lock: Path, package: bool) -> None:
    make_empty(venv)
    install = installer_for(venv)
    # --no-deps: the lock is complete, and leaves out one package on purpose (see requirements/make_lock.sh)
    run([*install, '--no-deps', '--requirement', str(lock)], venv)
    if package:
        run([*install, '--no-deps', '--no-build-isolation', '--editable', str(ROOT)], venv)


@contextlib.contextmanager
def one_at_a_time(lock: Path):
    """Two set-ups of the same package set wait for each other."""
    import fcntl

    with open(lock) as handle:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--venv', type=Path, default=ROOT / '.venv', help='folder of the environment (.venv)')
    parser.add_argument('--lock', type=Path, default=ROOT / 'requirements' / 'lock.txt', help='the pinned package set')
    parser.add_argument('--packages-only', action='store_true', help='do not install mmalm itself')
    args = parser.parse_args()
    try:
        check_python()
        venv, lock = Path(os.path.abspath(args.venv)), args.lock.resolve()
        if not lock.is_file():
            raise SetupError(f'No pinned package set at {lock}.')
        with one_at_a_time(lock):
            key = key_of(venv, lock)
            if is_ready(venv, key):
                return 0
            began = time.monotonic()
            print(
                f'Making the environment in {venv} (once; about 5 GB with the CUDA libraries of torch) ...', flush=True
            )
            build(venv, lock, package=not args.packages_only)
            write_stamp(venv, key)
            print(f'Environment ready after {time.monotonic() - began:.0f} s.', flush=True)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('\nInterrupted; the next run starts the environment afresh.', file=sys.stderr)
        return 130
    return 0


if __name__ == '__main__':
    sys.exit(main())
