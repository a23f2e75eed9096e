"""tools/sweep.py: its arguments; and, where there is time, with the real tools."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import in_process
import pytest
from sweep_standins import write_config
from tiny_epalm import write_epalm

from mmalm.errors import ConfigError
from mmalm.sweep import launch

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tool(monkeypatch):
    """The tool's main, to be called with arguments, in this process."""
    monkeypatch.setattr(signal, 'signal', lambda *_: None)
    # the stand-in configs name no components
    monkeypatch.setattr(launch, 'check', lambda config, needed, score: None)
    return in_process.tool(monkeypatch, 'sweep')


def test_list(tool, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = write_config(tmp_path / 'c')
    assert tool(config, '--seeds', 0, 5, '--options', 'model.gain=1,2', '--options', 'model.name=x', '--list') == 0
    lines = capsys.readouterr().out.splitlines()
    expected = [f'model.gain={gain},model.name=x/seed{seed}' for seed in (0, 5) for gain in (1, 2)]
    assert lines[:4] == [f'new        work_dirs/sweep_stand/c/stand/{name}' for name in expected]
    assert not (tmp_path / 'work_dirs').exists()


def test_three_seeds_where_none_are_given(tool, tmp_path, capsys):
    assert tool(write_config(tmp_path), '--work-dir', tmp_path / 'w', '--list') == 0
    assert capsys.readouterr().out.endswith('3 cells: 3 new\n')


def test_an_unknown_option(tool, tmp_path):
    with pytest.raises(ConfigError, match="Did you mean 'gain'"):
        tool(write_config(tmp_path), '--options', 'model.gian=1')


@pytest.mark.slow
def test_with_the_real_tools(tmp_path):
    config = write_epalm(tmp_path / 'epalm')
    command = [
        *(sys.executable, ROOT / 'tools/sweep.py', config, '--work-dir', tmp_path / 'w', '--seeds', '0', '1', '--test'),
        *(
            '--options',
            'model.schedule.start=2,4',
            'optim_wrapper.optimizer.lr=0.02',
            'train_cfg.max_epochs=1',
            'val_dataloader.dataset.tasks=[kind]',
            # an encoder drawn by the seed has other features for every seed
            'feature_cache.folder=none',
        ),
    ]
    environment = {**os.environ, 'OMP_NUM_THREADS': '1', 'MMALM_HOME': str(tmp_path / 'home')}

    def run(*more):
        done = subprocess.run([*map(str, command), *more], env=environment, capture_output=True, text=True, timeout=900)
        return done.returncode, done.stdout, done.stderr

    code, said, _ = run()
    assert code == 0, said
    content = json.loads((tmp_path / 'w/sweep.json').read_text())
    assert (content['metric'], content['split']) == ('ranked/overall', 'test')
    for cell in content['cells']:
        assert set(cell['scores']) == {'val', 'test'} and set(cell['baselines']['test']) >= {'LinearProbe'}
        results = json.loads(Path(cell['folder'], 'results.json').read_text())
        assert results['metrics']['val'] == cell['scores']['val']
        assert (results['seed'], results['config']['seed']) == (cell['seed'], cell['seed'])
        assert results['config']['model']['schedule']['start'] == cell['options']['model.schedule.start']
        assert results['config']['val_dataloader']['dataset']['tasks'] == ['kind']
    assert [row['scores']['ranked/overall']['n'] for row in content['summary']] == [2, 2]
    # a second time there is nothing to do; with one folder's results lost, that cell's alone
    code, said, _ = run()
    assert code == 0 and said.startswith('4 of 4 cells are passed over: 4 finished\n')
    before = {cell['name']: cell['scores']['val'] for cell in content['cells']}
    Path(content['cells'][2]['folder'], 'results.json').unlink()
    code, said, _ = run()
    assert code == 0 and said.startswith('3 of 4 cells are passed over')
    assert 'resum' in Path(content['cells'][2]['folder'], 'output.log').read_text()
    again = json.loads((tmp_path / 'w/sweep.json').read_text())
    assert {cell['name']: cell['scores']['val'] for cell in again['cells']} == before
