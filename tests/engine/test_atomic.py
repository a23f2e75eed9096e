import pytest

from mmalm.engine.atomic import new_folder, point, write_json


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
