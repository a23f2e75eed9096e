"""Stages are timed, their output is kept, and a failure says where it was."""

import sys

import pytest

from mmalm.engine.dry_run.stages import DryRunError, Stages
from mmalm.errors import ConfigError


@pytest.fixture
def lines():
    return []


@pytest.fixture
def stages(tmp_path, lines):
    return Stages('my.py', tmp_path / 'log', lines.append, lambda: 'A hint.')


def test_a_stage(stages, lines, tmp_path, capsys):
    with stages.stage('building') as stage:
        print('from inside')
        print('a warning', file=sys.stderr)
        stage.found = '3 parts'
    assert capsys.readouterr() == ('', '')
    assert (tmp_path / 'log').read_text() == '--- building\nfrom inside\na warning\n'
    assert lines[0].startswith('building ') and lines[0].endswith('s  3 parts') and ' OK ' in lines[0]
    assert stages.done[0].name == 'building' and 0 <= stages.done[0].seconds < 5


def test_a_mistake_in_the_config(stages, lines):
    with pytest.raises(DryRunError) as caught, stages.stage('building'):
        raise ConfigError('no such layer')
    assert str(caught.value) == 'The dry run of my.py failed at: building.\nno such layer\nA hint.'
    assert lines == [f'{"building":<34} FAILED'] and not stages.done


def test_any_other_error(stages, tmp_path):
    with pytest.raises(DryRunError) as caught, stages.stage('training'):
        raise ZeroDivisionError('of nothing')
    message = str(caught.value)
    assert 'ZeroDivisionError: of nothing' in message and 'test_stages.py, line ' in message and 'A hint.' in message
    assert 'Traceback' not in message and 'Traceback' in (tmp_path / 'log').read_text()


def test_ctrl_c_is_no_failure(stages):
    with pytest.raises(KeyboardInterrupt), stages.stage('training'):
        raise KeyboardInterrupt
