import importlib.util
from argparse import ArgumentTypeError
from pathlib import Path

import pytest

from mmalm.errors import ConfigError


@pytest.fixture(scope='module')
def cli():
    spec = importlib.util.spec_from_file_location('_cli', Path(__file__).parents[2] / 'tools' / '_cli.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def fail(error):
    raise error


@pytest.mark.parametrize(
    ('main', 'code', 'text'),
    [
        (lambda: None, None, ''),
        (lambda: 1, 1, ''),
        (lambda: fail(ConfigError('no such key')), 2, 'error: no such key\n'),
        (lambda: fail(KeyboardInterrupt()), 130, '\nStopped.\n'),
    ],
)
def test_exit_codes(cli, capsys, main, code, text):
    with pytest.raises(SystemExit) as caught:
        cli.run(main)
    assert caught.value.code == code
    assert capsys.readouterr().err == text


def test_other_errors_keep_their_traceback(cli):
    with pytest.raises(ZeroDivisionError):
        cli.run(lambda: 1 / 0)


def test_options_are_parsed(cli):
    parser = cli.config_parser('')
    parsed = parser.parse_args(['c.py', '--cfg-options', 'a.b=2', 'c=[1,x]', 'd=None', 'e=0.5'])
    assert parsed.cfg_options == {'a.b': 2, 'c': [1, 'x'], 'd': None, 'e': 0.5}
    assert parser.parse_args(['c.py']).cfg_options == {}
    texts = parser.parse_args(
        ['c.py', '--cfg-options', "f='Question: {question} Answer:'", 'g=a b', 'h=1,2', 'i=FALSE']
    )
    assert texts.cfg_options == {'f': 'Question: {question} Answer:', 'g': 'a b', 'h': [1, 2], 'i': False}


def test_an_option_without_a_value(cli, capsys):
    with pytest.raises(SystemExit):
        cli.config_parser('').parse_args(['c.py', '--cfg-options', 'a'])
    assert "expected key=value, found 'a'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ('text', 'said'), [('a=[1', "']' is missing"), ('a=', "An empty string is ''"), ('a=1]', 'closes nothing')]
)
def test_an_option_that_cannot_be_read(cli, text, said):
    with pytest.raises(ConfigError, match=rf'--cfg-options .*{said}'):
        cli.config_parser('').parse_args(['c.py', '--cfg-options', text])


@pytest.mark.parametrize('text', ['dict(a=1)', 'dict(a=1,b=2)', "{'a': 1}", 'max(1,2)'])
def test_a_dict_is_no_value(cli, capsys, text):
    with pytest.raises(SystemExit):
        cli.config_parser('').parse_args(['c.py', '--cfg-options', 'z=1', f'x.y={text}'])
    assert f'x.y: values are numbers, texts, lists and tuples, found {text!r}' in capsys.readouterr().err


@pytest.mark.parametrize('name', ['new.json', 'new/folder/x.json', 'there.txt'])
def test_files_that_can_be_written(cli, tmp_path, name):
    (tmp_path / 'there.txt').write_text('')
    assert cli.output_file(str(tmp_path / name)) == str(tmp_path / name)
    assert [file.name for file in tmp_path.iterdir()] == ['there.txt']


@pytest.mark.parametrize(
    ('name', 'message'),
    [
        ('.', 'is a folder; name a file'),
        ('there.txt/x.json', r'x.json cannot be written: .*there.txt is no folder'),
    ],
)
def test_files_that_cannot_be_written(cli, tmp_path, name, message):
    (tmp_path / 'there.txt').write_text('')
    with pytest.raises(ArgumentTypeError, match=message):
        cli.output_file(str(tmp_path / name))
