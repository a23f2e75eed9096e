"""What the tool's ways print and return."""

import os
import signal
import threading
import time
from io import StringIO

import pytest
from engine_standins import standin_config
from rich.console import Console
from sweep_standins import commands, grid_of

from mmalm.errors import ConfigError, MmalmError
from mmalm.sweep import plot
from mmalm.sweep.launch import launch, list_cells, read_grid, run_dry


@pytest.fixture
def console():
    return Console(file=StringIO(), width=200, highlight=False)


@pytest.fixture(autouse=True)
def no_plots(monkeypatch):
    monkeypatch.setattr(plot, 'save', lambda content, stem: [])


def start(tmp_path, grid, console, **arguments):
    return launch(grid, tmp_path / 'w', commands(tmp_path)[0], console=console, **arguments)


def test_a_whole_sweep(tmp_path, console):
    assert start(tmp_path, grid_of(tmp_path, seeds=(0, 1), gain=[1, 2]), console) == 0
    said = console.file.getvalue()
    assert 'right, validation split' in said and 'Difference to gain=1' in said
    assert said.rstrip().endswith('w: sweep.md, sweep.json, sweep.png, sweep.svg')


def test_a_sweep_with_a_failed_cell_says_so_by_its_exit_code(tmp_path, console):
    grid = grid_of(tmp_path, seeds=(0, 1), behave={'1': 'fail'})
    assert start(tmp_path, grid, console) == 1
    assert '1 of 2 cells have no score' in console.file.getvalue()


def test_a_metric_that_is_not_there(tmp_path, console):
    assert start(tmp_path, grid_of(tmp_path, seeds=(0,)), console, metric='rihgt') == 1
    assert "No score 'rihgt' in 1 cells. Did you mean 'right'?" in console.file.getvalue()


def test_ctrl_c_says_how_to_go_on(tmp_path, console):
    grid = grid_of(tmp_path, seeds=(0, 1), behave={'1': 'hang'})

    def stop():
        while not (tmp_path / 'w/configs/stand/seed1/hangs').exists():
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=stop, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        start(tmp_path, grid, console, go_on='python tools/sweep.py a.py')
    said = console.file.getvalue()
    assert '1 of 2 cells are finished. The same command goes on from here:\n  python tools/sweep.py a.py' in said


def test_a_folder_that_cannot_be_written(tmp_path, console):
    (tmp_path / 'w').write_text('a file')
    with pytest.raises(MmalmError, match='cannot be written'):
        start(tmp_path, grid_of(tmp_path), console)


def test_cells_are_listed_and_nothing_is_written(tmp_path, console):
    grid = grid_of(tmp_path, seeds=(0, 1), behave={'1': 'fail'})
    start(tmp_path, grid, Console(file=StringIO()))
    before = sorted(tmp_path.rglob('*'))
    assert list_cells(grid_of(tmp_path, seeds=(0, 1, 2), behave={'1': 'fail'}), tmp_path / 'w', console=console) == 0
    assert console.file.getvalue().splitlines() == [
        f'finished   {tmp_path}/w/configs/stand/seed0',
        f'failed     {tmp_path}/w/configs/stand/seed1  (ValueError: the loss is odd)',
        f'new        {tmp_path}/w/configs/stand/seed2',
        '3 cells: 1 finished, 1 failed, 1 new',
    ]
    assert sorted(tmp_path.rglob('*')) == before


def test_every_row_runs_dry_once(tmp_path, console):
    train, _ = commands(tmp_path)
    assert run_dry(grid_of(tmp_path, gain=[1, 2]), train, console) == 0
    assert console.file.getvalue().splitlines() == [
        '[1/2] gain=1: runs dry',
        '[2/2] gain=2: runs dry',
        '2 of 2 rows run dry.',
    ]


def test_a_row_that_does_not_run_dry(tmp_path, console):
    train, _ = commands(tmp_path)
    assert run_dry(grid_of(tmp_path, seeds=(0,), behave={'0': 'fail'}), train, console) == 1
    assert '[1/1] stand: not dry' in console.file.getvalue()


@pytest.fixture
def real_config(tmp_path):
    """A config that trains; the stand-ins elsewhere name no components."""
    config = standin_config()
    config.custom_imports = dict(imports=['engine_standins'], allow_failed_imports=False)
    config.dump(str(tmp_path / 'tiny.py'))
    return str(tmp_path / 'tiny.py')


def test_the_grid_of_a_command_line(real_config):
    grid = read_grid([real_config], [0, 1], ['model.width=6,8', 'train_cfg.max_epochs=1'])
    assert [cell.config.model.width for cell in grid.cells] == [6, 8, 6, 8]


def test_a_metric_that_no_config_gives_is_named_before_anything_runs(real_config):
    assert read_grid([real_config], [0], [], 'ranked/kind').rows
    with pytest.raises(ConfigError, match="metrics: no metric gives the score 'rankd/kind'.*Did you mean 'ranked/"):
        read_grid([real_config], [0], [], 'rankd/kind')


def test_a_row_that_would_fail_is_named_before_anything_runs(real_config):
    with pytest.raises(ConfigError) as caught:
        read_grid([real_config], [0], ['train_dataloader.dataset.split=train,test', 'model.width=6,8'])
    (said,) = [line for line in str(caught.value).splitlines() if 'train_dataloader.dataset' in line]
    assert "'test'" in said
    # one fault of two rows is said once
    assert str(caught.value).startswith('split=test width=6, split=test width=8: tiny.py has 1 fault')
