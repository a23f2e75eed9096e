"""tools/browse_dataset.py, in this process."""

import functools

import pytest
from in_process import tool
from page_reader import read_page
from tiny_epalm import write_epalm


@pytest.fixture
def browse(monkeypatch, tmp_path):
    config = write_epalm(tmp_path / 'epalm')
    monkeypatch.chdir(tmp_path)
    return functools.partial(tool(monkeypatch, 'browse_dataset'), config)


def test_the_page_as_asked(browse, tmp_path, capsys):
    browse('--split', 'val', '--task', 'caption', '--count', 3, '--seed', 2)
    page = read_page((tmp_path / 'browse.html').read_text())
    assert 'val split, task caption alone' in page.text and len(page.find('article')) == 3
    assert 'seed 2' in page.text and capsys.readouterr().out == 'Page: browse.html\n'
