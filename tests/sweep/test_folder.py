"""A cell's folder made ready, set aside, and what a failure leaves."""

import json
import re

import pytest
from mmengine.config import Config

from mmalm.config import load_config
from mmalm.errors import ConfigError
from mmalm.sweep.folder import last_lines, note_failure, prepare, reason, set_aside


def test_the_config_is_written_out_whole(tmp_path):
    values = dict(
        model=dict(type='A', size=(2, 3), text='it\'s "so"\nand', none=None, **{'a.b': 1}), _own=[1.5], seed=2
    )
    prepare(tmp_path / 'a/b', Config(values))
    assert load_config(tmp_path / 'a/b/cell.py').to_dict() == values
    assert [file.name for file in (tmp_path / 'a/b').iterdir()] == ['cell.py']


def test_a_config_that_cannot_be_written_out(tmp_path):
    with pytest.raises(ConfigError, match='cannot be written to a file and read again'):
        prepare(tmp_path, Config(dict(value=re.compile('x'))))
    assert list(tmp_path.glob('cell.py')) == []


def test_stale_folders_are_kept_side_by_side(tmp_path):
    for number in (1, 2):
        folder = tmp_path / 'seed0'
        folder.mkdir()
        (folder / 'weights').write_text(str(number))
        assert set_aside(folder) == tmp_path / f'seed0.stale{number}'
        assert (tmp_path / f'seed0.stale{number}' / 'weights').read_text() == str(number)


def test_a_failure_is_noted_with_the_end_of_the_output(tmp_path):
    lines = [f'line {i}' for i in range(40)]
    (tmp_path / 'output.log').write_text('\n'.join([*lines, '', 'error: nothing to train']) + '\n')
    failure = note_failure(tmp_path, 'train', 2, 12.34)
    assert json.loads((tmp_path / 'failed.json').read_text()) == failure
    assert failure == {
        'stage': 'train',
        'code': 2,
        'why': 'nothing to train',
        'seconds': 12.3,
        'output': [*lines[-19:], 'error: nothing to train'],
    }


def test_lines_as_a_terminal_would_show_them(tmp_path):
    log = tmp_path / 'log'
    log.write_bytes(b'one\n\x1b[32mgreen\x1b[0m\n\n10%\r50%\r100%\nbad \xff\n')
    assert last_lines(log) == ['one', 'green', '100%', 'bad \ufffd']
    assert last_lines(log, 1) == ['bad \ufffd']
    assert last_lines(tmp_path / 'none') == []


@pytest.mark.parametrize(
    ('code', 'lines', 'expected'),
    [
        (
            1,
            ['Traceback', 'torch.OutOfMemoryError: CUDA out of memory'],
            'torch.OutOfMemoryError: CUDA out of memory',
        ),
        (
            2,
            ['ValueError: handled', 'error: the cache holds', '  - other features'],
            'the cache holds - other features',
        ),
        (2, ['error: ' + 'x' * 400], 'x' * 297 + '...'),
        (2, ['error: no such key'], 'no such key'),
        (3, ['so long'], 'exit code 3, last line: so long'),
        (0, [], 'exit code 0, last line: none'),
        (-9, ['x'], 'killed by signal 9, as when memory runs out'),
        (-11, ['x'], 'killed by signal 11'),
    ],
)
def test_one_line_for_why(code, lines, expected):
    assert reason(code, lines) == expected
