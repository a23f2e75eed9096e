"""What is shown while a sweep runs."""

from io import StringIO

import pytest
from rich.console import Console

from mmalm.sweep.display import Display

CONTENT = {
    'metric': 'right',
    'split': 'val',
    'confidence': 0.95,
    'seeds': [0, 1],
    'summary': [
        {
            'label': 'gain=[1]',
            'scores': {'right': {'n': 1, 'mean': 0.25, 'std': None, 'interval': None}},
            'controls': {},
            'baselines': {},
            'trainable': [1234],
            'seconds': 60,
            'step_seconds': None,
        }
    ],
}


@pytest.fixture
def shown():
    def run(terminal):
        console = Console(file=StringIO(), width=120, force_terminal=terminal, highlight=False, color_system=None)
        display = Display(console)
        with display.live(total=6, done=2):
            display.table(CONTENT)
            display.update(3, ['gain=[1] seed 1  train 0:10  epoch 1/8'], left=125.0)
            display.say('[3/6] gain=[1] seed 0: finished')
        return console.file.getvalue()

    return run


def test_on_a_terminal_table_bar_and_runs_are_live(shown):
    text = shown(True)
    assert 'right, validation split' in text and '0.2500' in text and '1/2' in text
    assert '3/6' in text and 'about 2:05 left' in text
    assert 'gain=[1] seed 1  train 0:10  epoch 1/8' in text
    assert '[3/6] gain=[1] seed 0: finished' in text


def test_elsewhere_only_lines(shown):
    assert shown(False) == '[3/6] gain=[1] seed 0: finished\n'
