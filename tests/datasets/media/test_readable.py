import os

import pytest
from PIL import Image

from mmalm.datasets.media import readable
from mmalm.datasets.media.kinds import KINDS


@pytest.fixture
def paths(tmp_path, monkeypatch):
    """Two pictures and a text, and a file that is not there."""
    monkeypatch.setenv('MMALM_HOME', str(tmp_path / 'home'))
    folder = tmp_path / 'pictures'
    folder.mkdir()
    for name in ('one', 'two'):
        Image.new('RGB', (4, 4)).save(folder / f'{name}.png')
    (folder / 'text.png').write_text('words')
    return {name: folder / f'{name}.png' for name in ('one', 'two', 'text', 'gone')}


@pytest.fixture
def read(monkeypatch):
    """Names of the files that are really read."""
    names, own = [], readable._fault
    monkeypatch.setattr(readable, '_fault', lambda path, kind: names.append(path.stem) or own(path, kind))
    return names


def test_faults_are_told(paths):
    found = readable.unreadable_files(paths, KINDS['image'])
    assert set(found) == {'text', 'gone'}
    assert found['text'] == f'{paths["text"]} (5 bytes) is no picture' and found['gone'].endswith('is not there')


def test_a_file_is_read_once(paths, read):
    first = readable.unreadable_files(paths, KINDS['image'])
    assert sorted(read) == ['gone', 'one', 'text', 'two']
    assert readable.unreadable_files(paths, KINDS['image']) == first and len(read) == 4


def test_a_file_that_changed_is_read_again(paths, read):
    readable.unreadable_files(paths, KINDS['image'])
    read.clear()
    Image.new('RGB', (4, 4)).save(paths['text'])
    os.utime(paths['one'], (1, 1))
    assert set(readable.unreadable_files(paths, KINDS['image'])) == {'gone'}
    assert sorted(read) == ['one', 'text']


def test_a_store_that_cannot_be_read_is_written_anew(paths, tmp_path, read):
    readable.unreadable_files(paths, KINDS['image'])
    (store,) = (tmp_path / 'home' / 'readable').iterdir()
    store.write_text('{')
    read.clear()
    assert len(readable.unreadable_files(paths, KINDS['image'])) == 2 and len(read) == 4


def test_no_files(tmp_path, monkeypatch):
    monkeypatch.setenv('MMALM_HOME', str(tmp_path))
    assert readable.unreadable_files({}, KINDS['image']) == {}
