import pytest
from in_process import tool

from mmalm.datasets import NoCapsDataset
from mmalm.errors import ConfigError


@pytest.fixture
def main(monkeypatch):
    return tool(monkeypatch, 'prepare_data')


def test_the_list(main, capsys):
    assert main('--list') == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ['name', 'what', 'folder', 'page'] and any(line.startswith('gqa ') for line in lines)


def test_an_empty_folder(main, tmp_path, capsys):
    assert main('nocaps', '--root', str(tmp_path), '--splits', 'val') == 1
    out = capsys.readouterr().out
    assert 'nocaps_val_4500_captions.json  missing' in out and 'nocaps_test_image_info.json' not in out
    assert 'https://nocaps.org/download' in out and '3 of 3 are not as they should be.' in out


def test_a_small_part_is_not_the_whole(main, tmp_path, capsys):
    NoCapsDataset.shrink({'split': 'val'}, tmp_path)
    assert main('nocaps', '--root', str(tmp_path / 'nocaps'), '--splits', 'val') == 1
    out = capsys.readouterr().out
    assert '6 files' in out and '4,500 files' in out and '6 samples, 6 media' in out and 'Not as published' in out


def test_no_name(main):
    with pytest.raises(ConfigError, match='Name a data set: .*gqa'):
        main()
