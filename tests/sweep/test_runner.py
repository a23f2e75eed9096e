"""Running a sweep: what runs, what is passed over, what goes on, what is set aside."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from sweep_standins import commands, grid_of

from mmalm.engine.lock import locked
from mmalm.errors import MmalmError
from mmalm.sweep import plot
from mmalm.sweep.display import Display
from mmalm.sweep.grid import make_grid
from mmalm.sweep.runner import Sweep
from mmalm.sweep.state import State


@pytest.fixture(autouse=True)
def quick_plots(monkeypatch, request):
    """A figure takes longer than a stand-in's run; one test draws it."""
    if 'all_cells' not in request.node.name:
        monkeypatch.setattr(plot, 'save', lambda content, stem: [])


@pytest.fixture
def sweep(tmp_path):
    """Runs a sweep in ``tmp_path/w``; what it printed is in ``.said`` of the function."""

    def run(grid, testing=False, **arguments):
        train, test = commands(tmp_path)
        console = Console(file=StringIO(), width=200, highlight=False)
        sweep = Sweep(
            grid, tmp_path / 'w', train, 'right', test if testing else None, display=Display(console), **arguments
        )
        try:
            return sweep.run()
        finally:
            run.said = console.file.getvalue()

    run.said = ''
    return run


def calls(tmp_path: Path) -> dict[str, list[str]]:
    """How each cell's program was called, by cell."""
    files = sorted((tmp_path / 'w').rglob('calls.txt'))
    return {str(f.parent.relative_to(tmp_path / 'w')): f.read_text().splitlines() for f in files}


def states(content) -> list[str]:
    return [cell['state'] for cell in content['cells']]


def test_all_cells_run_once(tmp_path, sweep):
    grid = grid_of(tmp_path, seeds=(0, 1), gain=[1, 3])
    content = sweep(grid)
    w = tmp_path / 'w'
    names = [f'configs/stand/model.gain={gain}/seed{seed}' for gain in (1, 3) for seed in (0, 1)]
    assert calls(tmp_path) == {name: [f'train --work-dir {w / name}'] for name in names}
    assert [cell['scores']['val']['right'] for cell in content['cells']] == pytest.approx([0.1, 0.3, 0.2, 0.6])
    assert json.loads((w / 'sweep.json').read_text()) == json.loads(json.dumps(content))
    for name in ('sweep.png', 'sweep.svg', 'sweep.md'):
        assert (w / name).stat().st_size > 500
    assert '[4/4] gain=3 seed 1: finished, right 0.6000, 0:0' in sweep.said
    assert 'Line of a run' in (w / names[0] / 'output.log').read_text()

    before = calls(tmp_path)
    again = sweep(grid)
    assert calls(tmp_path) == before and again == content
    assert sweep.said == '4 of 4 cells are passed over: 4 finished\n'


def test_more_seeds_and_values_run_what_is_new(tmp_path, sweep):
    sweep(grid_of(tmp_path, seeds=(1,), gain=[1]))
    content = sweep(grid_of(tmp_path, seeds=(0, 1), gain=[2, 1]))
    assert states(content) == ['finished'] * 4
    assert [len(lines) for lines in calls(tmp_path).values()] == [1] * 4


def test_a_changed_config_is_said_and_the_old_run_kept(tmp_path, sweep):
    sweep(grid_of(tmp_path, seeds=(0,)))
    old = (tmp_path / 'w/configs/stand/seed0/results.json').read_text()
    config = tmp_path / 'configs/stand.py'
    config.write_text(config.read_text().replace('max_epochs=2', 'max_epochs=5'))
    grid = make_grid([config], (0,), {})
    content = sweep(grid)
    assert 'stand seed 0: stale, finished with another config: train_cfg.max_epochs: 2, now 5. Kept as' in sweep.said
    assert (tmp_path / 'w/configs/stand/seed0.stale1/results.json').read_text() == old
    assert states(content) == ['finished']
    assert json.loads((tmp_path / 'w/configs/stand/seed0/results.json').read_text())['config']['train_cfg'] == {
        'max_epochs': 5
    }


def test_a_failed_cell_loses_itself_locked(tmp_path, sweep):
    content = sweep(grid_of(tmp_path, behave={'1': 'fail'}, gain=[1, 2]))
    assert states(content) == ['finished', 'finished', 'failed', 'failed', 'finished', 'finished']
    failed = content['cells'][2]
    assert failed['why'] == 'ValueError: the loss is odd' and failed['failure']['code'] == 1
    assert failed['failure']['stage'] == 'train' and failed['failure']['output'][-1] == 'ValueError: the loss is odd'
    assert [row['missing'] for row in content['summary']] == [[1], [1]]
    assert content['summary'][0]['scores']['right']['n'] == 2
    assert '2 of 6 cells have no score' in content['notes'][0]
    assert 'gain=1 seed 1: failed, ValueError: the loss is odd' in content['notes'][0]
    assert '2/3' in (tmp_path / 'w/sweep.md').read_text()


@pytest.mark.parametrize(
    ('behave', 'why'),
    [
        ('die', 'killed by signal 9, as when memory runs out'),
        ('no results', 'exit code 0, last line: Line of a run'),
        ('fail once', 'no memory left'),
    ],
)
def test_why_a_cell_failed(tmp_path, sweep, behave, why):
    assert sweep(grid_of(tmp_path, seeds=(0,), behave={'0': behave}))['cells'][0]['why'] == why


def test_failed_cells_run_again_only_when_asked(tmp_path, sweep):
    grid = grid_of(tmp_path, seeds=(0, 1), behave={'1': 'fail once'})
    assert states(sweep(grid)) == ['finished', 'failed']
    assert states(sweep(grid)) == ['finished', 'failed']
    assert sweep.said == '2 of 2 cells are passed over: 1 finished, 1 failed\n'
    assert [len(lines) for lines in calls(tmp_path).values()] == [1, 1]
    content = sweep(grid, retry_failed=True)
    assert states(content) == ['finished', 'finished'] and content['cells'][1]['failure'] is None
    assert [len(lines) for lines in calls(tmp_path).values()] == [1, 2]


def test_the_test_split_is_scored_when_asked(tmp_path, sweep):
    grid = grid_of(tmp_path, seeds=(0, 1), behave={'1': 'fail test'})
    content = sweep(grid)
    assert content['split'] == 'val' and all(set(cell['scores']) == {'val'} for cell in content['cells'])
    assert not any(line.startswith('test') for lines in calls(tmp_path).values() for line in lines)

    content = sweep(grid, testing=True)
    folder = tmp_path / 'w/configs/stand/seed0'
    assert calls(tmp_path)['configs/stand/seed0'] == [
        f'train --work-dir {folder}',
        f'test {folder}/checkpoints/best --out {folder}/test.json',
    ]
    assert states(content) == ['finished', 'failed']
    assert content['cells'][0]['scores'] == {'val': {'right': 0.1, 'left': 0.9}, 'test': {'right': 0.6}}
    # of the cell that could not be tested, the validation score is no stand-in
    assert content['summary'][0]['scores'] == {
        'right': {'n': 1, 'mean': 0.6, 'std': None, 'interval': None},
    }
    assert content['cells'][1]['why'] == 'no pictures for the test split'
    assert 'test split' in (tmp_path / 'w/sweep.md').read_text()
    # and without --test the same cell is finished
    assert states(sweep(grid)) == ['finished', 'finished']


def test_training_and_test_follow_each_other(tmp_path, sweep):
    content = sweep(grid_of(tmp_path, seeds=(0,)), testing=True)
    assert [line.split()[0] for line in calls(tmp_path)['configs/stand/seed0']] == ['train', 'test']
    assert content['cells'][0]['scores']['test'] == {'right': 0.6}


def interrupt_when(file: Path) -> None:
    def watch():
        while not file.exists():
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=watch, daemon=True).start()


def test_ctrl_c_stops_the_run_and_the_sweep_goes_on_later(tmp_path, sweep):
    grid = grid_of(tmp_path, seeds=(0, 1), behave={'1': 'hang'})
    folder = tmp_path / 'w/configs/stand/seed1'
    interrupt_when(folder / 'hangs')
    with pytest.raises(KeyboardInterrupt):
        sweep(grid)
    # it had its chance to end by itself
    assert (folder / 'stopped').exists()
    content = sweep(grid)
    assert states(content) == ['finished', 'finished']
    assert calls(tmp_path)['configs/stand/seed1'] == [
        f'train --work-dir {folder}',
        f'train --work-dir {folder} --resume',
    ]
    assert len(calls(tmp_path)['configs/stand/seed0']) == 1


KILLED = """\
import sys
from pathlib import Path
sys.path[:0] = {paths}
from sweep_standins import commands, grid_of
from mmalm.sweep.grid import make_grid
from mmalm.engine.lock import locked
from mmalm.sweep.runner import Sweep
folder = Path({folder!r})
with locked(folder / 'w'):
    Sweep(grid_of(folder, seeds=(0,), behave={{'0': 'hang'}}), folder / 'w', commands(folder)[0], 'right').run()
"""


@pytest.mark.skipif(sys.platform != 'linux', reason='runs die with a killed sweep on Linux alone')
def test_a_killed_sweep_takes_its_run_with_it_and_resumes(tmp_path, sweep):
    tests = Path(__file__).parents[1]
    script = KILLED.format(paths=[str(tests), str(tests.parent)], folder=str(tmp_path))
    process = subprocess.Popen([sys.executable, '-c', script], stdout=subprocess.DEVNULL)
    folder = tmp_path / 'w/configs/stand/seed0'
    while not (folder / 'hangs').exists():
        assert process.poll() is None
        time.sleep(0.02)
    with pytest.raises(MmalmError, match=f'in use by another run: process {process.pid} on'), locked(tmp_path / 'w'):
        pass
    process.kill()
    process.wait()
    with locked(tmp_path / 'w'):
        content = sweep(grid_of(tmp_path, seeds=(0,), behave={'0': 'hang'}))
    assert states(content) == [State.FINISHED]
    assert not (folder / 'stopped').exists()
    assert calls(tmp_path)['configs/stand/seed0'][1].endswith('--resume')


def test_runs_go_side_by_side(tmp_path, sweep):
    grid = grid_of(tmp_path, seeds=(0, 1, 2), behave={'0': 'hang', '1': 'hang'})
    folders = [tmp_path / f'w/configs/stand/seed{seed}' for seed in (0, 1)]

    def both_then_stop():
        while not all((folder / 'hangs').exists() for folder in folders):
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=both_then_stop, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        sweep(grid, jobs=2)
    assert all((folder / 'stopped').exists() for folder in folders)
    assert not (tmp_path / 'w/configs/stand/seed2').exists()


def test_no_jobs(tmp_path, sweep):
    with pytest.raises(MmalmError, match='--jobs 0 must be 1 or more'):
        sweep(grid_of(tmp_path), jobs=0)
