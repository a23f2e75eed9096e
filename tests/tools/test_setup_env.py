"""Making the environment: reused, never half-made, never somebody else's; and clear words when no index is in reach."""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / 'tools' / 'setup_env.py'

FAKE_UV = """#!/bin/sh
echo "$@" >> "$CALLS"
[ "$1" = --version ] && exit 0
[ -n "$HANG" ] && sleep 30
[ -n "$FAIL" ] && echo "$FAIL" && exit 2
exit 0
"""


class Setup:
    """The script with a pinned set of its own, and (unless told otherwise) a uv that installs nothing."""

    def __init__(self, folder: Path):
        self.venv, self.lock, self.calls = folder / 'venv', folder / 'lock.txt', folder / 'calls.txt'
        self.lock.write_text('einops==0.8.2\n')
        self.calls.touch()
        (folder / 'bin').mkdir()
        (folder / 'bin' / 'uv').write_text(FAKE_UV)
        (folder / 'bin' / 'uv').chmod(0o755)
        clean = {k: v for k, v in os.environ.items() if not k.startswith(('PIP_', 'UV_', 'MMALM_'))}
        self.env = {**clean, 'PATH': f'{folder / "bin"}:{os.environ["PATH"]}', 'CALLS': str(self.calls)}
        self.command = [
            sys.executable,
            str(SCRIPT),
            '--venv',
            str(self.venv),
            '--lock',
            str(self.lock),
            '--packages-only',
        ]

    def run(self, **env: str) -> subprocess.CompletedProcess:
        return subprocess.run(self.command, env={**self.env, **env}, capture_output=True, text=True, timeout=60)

    @property
    def installs(self) -> int:
        return self.calls.read_text().count('pip install')


@pytest.fixture
def setup(tmp_path) -> Setup:
    return Setup(tmp_path)


@pytest.fixture
def script():
    spec = importlib.util.spec_from_file_location('setup_env', SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_made_once_and_reused(setup):
    first, second = setup.run(), setup.run()
    assert (first.returncode, second.returncode) == (0, 0)
    assert 'Environment ready' in first.stdout
    assert second.stdout == ''
    assert setup.installs == 1
    assert (setup.venv / 'bin' / 'python').exists()


def test_the_pinned_set_is_installed_as_it_is(setup):
    setup.run()
    assert f'--no-deps --requirement {setup.lock}' in setup.calls.read_text()


def test_another_pinned_set_makes_it_anew(setup):
    setup.run()
    (setup.venv / 'left_over').touch()
    setup.lock.write_text('einops==0.8.1\n')
    again = setup.run()
    assert 'out of date' in again.stdout
    assert setup.installs == 2
    assert not (setup.venv / 'left_over').exists()


def test_a_failed_set_up_is_told_and_made_anew(setup):
    failed = setup.run(FAIL='error: no space left on device')
    assert failed.returncode == 1
    assert 'no space left on device' in failed.stderr
    assert 'the next run starts afresh' in failed.stderr
    assert 'Traceback' not in failed.stderr
    again = setup.run()
    assert 'half-made' in again.stdout
    assert again.returncode == 0


def test_a_killed_set_up_leaves_nothing_that_looks_finished(setup):
    process = subprocess.Popen(setup.command, env={**setup.env, 'HANG': '1'}, start_new_session=True)
    limit = time.monotonic() + 30
    while not setup.installs and time.monotonic() < limit:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert setup.installs == 1
    again = setup.run()
    assert 'half-made' in again.stdout
    assert setup.installs == 2


def test_a_python_that_is_gone_makes_it_anew(setup):
    setup.run()
    (setup.venv / 'bin' / 'python').unlink()
    assert setup.run().returncode == 0
    assert setup.installs == 2


def test_a_folder_of_somebody_else_is_left_alone(setup):
    setup.venv.mkdir()
    (setup.venv / 'precious').write_text('mine')
    refused = setup.run()
    assert refused.returncode == 1
    assert 'was not made by this set-up' in refused.stderr
    assert [entry.name for entry in setup.venv.iterdir()] == ['precious']


@pytest.mark.parametrize(
    ('installer', 'env'),
    [
        ('uv', {'PIP_INDEX_URL': 'http://name:secret@127.0.0.1:9/simple', 'UV_HTTP_RETRIES': '0'}),
        ('uv', {'UV_DEFAULT_INDEX': 'http://127.0.0.1:9/simple', 'UV_HTTP_RETRIES': '0'}),
        ('uv', {'UV_OFFLINE': '1'}),
        ('pip', {'PIP_INDEX_URL': 'http://127.0.0.1:9/simple', 'PIP_RETRIES': '1', 'PIP_CONFIG_FILE': os.devnull}),
    ],
    ids=['uv told by pip', 'uv', 'uv offline', 'pip'],
)
def test_no_index_in_reach_says_what_to_do(setup, tmp_path, installer, env):
    if installer == 'uv' and not shutil.which('uv'):
        pytest.skip('needs uv')
    (tmp_path / 'bin' / 'uv').unlink()
    told = setup.run(MMALM_INSTALLER=installer, UV_CACHE_DIR=str(tmp_path / 'cache'), PIP_NO_CACHE_DIR='1', **env)
    assert told.returncode == 1
    assert 'a Python package index is needed once, and it could not be reached' in told.stderr
    assert 'UV_OFFLINE' in env or 'http://127.0.0.1:9/simple' in told.stderr
    for way in ('HTTPS_PROXY', 'PIP_INDEX_URL', 'UV_DEFAULT_INDEX', 'PIP_FIND_LINKS', 'UV_FIND_LINKS'):
        assert way in told.stderr
    assert 'Traceback' not in told.stderr
    assert 'secret' not in told.stderr
    assert (setup.venv / '.mmalm-setup').read_text() == 'building'


@pytest.mark.network
@pytest.mark.parametrize('installer', ['auto', 'pip'])
def test_packages_come_without_a_uv_on_the_path(setup, tmp_path, installer):
    (tmp_path / 'bin' / 'uv').unlink()
    pip = {name: value for name, value in os.environ.items() if name.startswith('PIP_')}
    made = setup.run(MMALM_INSTALLER=installer, PATH=str(tmp_path / 'bin'), **pip)
    assert made.returncode == 0, made.stderr
    done = subprocess.run(
        [setup.venv / 'bin' / 'python', '-c', 'import einops; print(einops.__version__)'], capture_output=True
    )
    assert done.stdout == b'0.8.2\n'
    assert (setup.venv / 'bin' / 'uv').exists() == (installer == 'auto')


def test_a_password_in_an_address_is_not_shown(script, tmp_path):
    said = ['error: Failed to fetch: https://name:secret@host/simple/torch/', 'cause: dns error']
    message = script.explain(['uv', 'pip'], 2, said, tmp_path / 'setup.log')
    assert 'https://***@host/simple/torch/' in message
    assert 'secret' not in message


def test_another_python_is_refused_with_where_to_get_one(script, monkeypatch):
    monkeypatch.setattr(sys, 'version_info', (3, 9, 2, 'final', 0))
    with pytest.raises(script.SetupError, match=r'needs Python 3\.11 or 3\.12 on Linux(?s:.*)make PYTHON='):
        script.check_python()


def test_an_unknown_installer_is_refused(setup):
    refused = setup.run(MMALM_INSTALLER='conda')
    assert refused.returncode == 1
    assert "MMALM_INSTALLER is 'conda'; it can be uv, pip or auto." in refused.stderr


def planned(target: str) -> list[str]:
    """The commands `make TARGET` would run."""
    if not shutil.which('make'):
        pytest.skip('needs make')
    env = {k: v for k, v in os.environ.items() if k not in ('VENV', 'PYTHON', 'CONFIG', 'MAKEFLAGS', 'MAKELEVEL')}
    done = subprocess.run(['make', '-n', target], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_make_train_makes_fetches_and_trains():
    commands = planned('train')
    assert 'tools/setup_env.py --venv .venv' in commands[0]
    assert commands[1:] == [
        '.venv/bin/python tools/zoo.py fetch',
        '.venv/bin/python tools/train.py configs/quickstart/epalm_smollm2_stamps.py',
    ]


def test_make_test_makes_and_tests():
    commands = planned('test')
    assert 'tools/setup_env.py --venv .venv' in commands[0]
    (command,) = commands[1:]
    assert re.fullmatch(r'OMP_NUM_THREADS=1 \.venv/bin/python -m pytest -q -n [1-8] --dist worksteal', command)
