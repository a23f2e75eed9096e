import pytest

from mmalm.zoo.store import changes, checksums, home, read_manifest


def test_home_is_moved_by_the_environment(monkeypatch, tmp_path):
    assert home() == tmp_path / 'home'
    monkeypatch.setenv('HOME', str(tmp_path))
    monkeypatch.setenv('MMALM_HOME', '~/elsewhere')
    assert home() == tmp_path / 'elsewhere'
    monkeypatch.setenv('MMALM_HOME', '')
    assert home() == tmp_path / '.cache' / 'mmalm'
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('MMALM_HOME', 'beside')
    assert home() == tmp_path / 'beside'


@pytest.mark.parametrize('text', [None, '', '{"files"'])
def test_an_item_without_a_readable_manifest_is_not_there(zoo_home, text):
    (zoo_home / 'zoo' / 'tiny').mkdir(parents=True)
    if text is not None:
        (zoo_home / 'zoo' / 'tiny' / 'zoo_manifest.json').write_text(text)
    assert read_manifest('tiny') is None


def test_changes_name_the_files(tmp_path):
    for name in ('a', 'b', 'inner/c'):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    manifest = {'files': checksums(tmp_path)}
    assert manifest['files']['a'] == 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'
    assert list(manifest['files']) == ['a', 'b', 'inner/c'] and changes(tmp_path, manifest) == []
    (tmp_path / 'a').write_text('A')
    (tmp_path / 'inner' / 'c').unlink()
    (tmp_path / 'of the user').touch()
    assert changes(tmp_path, manifest) == ['inner/c is missing', 'a has changed']
