import errno
import os

import pytest

from mmalm.atomic import new_folder, point, write_json


def test_a_folder_appears_whole_or_not_at_all(tmp_path):
    with pytest.raises(ValueError), new_folder(tmp_path / 'f') as temporary:
        (temporary / 'a').write_text('half')
        assert not (tmp_path / 'f').exists()
        raise ValueError
    assert list(tmp_path.iterdir()) == []
    with new_folder(tmp_path / 'f') as temporary:
        (temporary / 'a').write_text('whole')
    assert [p.name for p in tmp_path.iterdir()] == ['f'] and (tmp_path / 'f' / 'a').read_text() == 'whole'


def test_links_are_relative_and_can_be_moved_with_their_folder(tmp_path):
    run = tmp_path / 'run'
    for name in ('one', 'two'):
        (run / name).mkdir(parents=True)
        point(run / 'last', run / name)
    assert (run / 'last').readlink().as_posix() == 'two'
    run.rename(tmp_path / 'moved')
    assert (tmp_path / 'moved' / 'last').is_dir()
    assert {p.name for p in (tmp_path / 'moved').iterdir()} == {'one', 'two', 'last'}


def test_json_that_cannot_be_written_leaves_the_file(tmp_path):
    write_json(tmp_path / 'r.json', {'a': 1})
    with pytest.raises(TypeError):
        write_json(tmp_path / 'r.json', {'a': object()})
    assert (tmp_path / 'r.json').read_text() == '{\n  "a": 1\n}\n'


def test_an_earlier_folder_stays_until_the_new_one_is_whole(tmp_path):
    folder = tmp_path / 'f'
    with new_folder(folder) as temporary:
        (temporary / 'a').write_text('old')
    with pytest.raises(OSError), new_folder(folder) as temporary:
        (temporary / 'a').write_text('new')
        raise OSError('disk full')
    assert (folder / 'a').read_text() == 'old'
    with new_folder(folder) as temporary:
        (temporary / 'b').write_text('new')
    assert [p.name for p in folder.iterdir()] == ['b'] and list(tmp_path.iterdir()) == [folder]


def test_files_and_folders_are_as_open_as_the_user_wants_them(tmp_path):
    before = os.umask(0o027)
    try:
        with new_folder(tmp_path / 'f') as temporary:
            (temporary / 'inner').mkdir(mode=0o700)
            (temporary / 'inner' / 'weights').touch(mode=0o600)
            (temporary / 'dangling').symlink_to('nowhere')
    finally:
        os.umask(before)
    modes = [(tmp_path / 'f' / name).stat().st_mode & 0o777 for name in ('', 'inner', 'inner/weights')]
    assert modes == [0o750, 0o750, 0o640]


def test_files_and_the_folders_that_name_them_reach_the_disk_before_the_change_is_done(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, 'fsync', lambda handle: synced.append(os.readlink(f'/proc/self/fd/{handle}')))
    with new_folder(tmp_path / 'f') as temporary:
        (temporary / 'inner').mkdir()
        (temporary / 'inner' / 'a').write_text('a')
    inside = [temporary / 'inner', temporary / 'inner' / 'a', temporary]
    assert sorted(synced[:-1]) == sorted(map(str, inside)) and synced[-1] == str(tmp_path)


def test_json_that_meets_a_full_disk_leaves_no_draft(tmp_path, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, 'No space left on device')

    write_json(tmp_path / 'r.json', {'a': 1})
    monkeypatch.setattr(os, 'fsync', full)
    with pytest.raises(OSError, match='No space'):
        write_json(tmp_path / 'r.json', {'a': 2})
    assert list(tmp_path.iterdir()) == [tmp_path / 'r.json'] and '"a": 1' in (tmp_path / 'r.json').read_text()
