"""tools/train.py and tools/test.py, as a user runs them from a clone."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import in_process
import pytest
from engine_standins import standin_config

from mmalm.errors import MmalmError

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp('tools')
    config = standin_config()
    config.custom_imports = dict(imports=['engine_standins'], allow_failed_imports=False)
    config.dump(str(folder / 'tiny.py'))
    (folder / 'plain.py').write_text('train_cfg = dict(max_epochs=1)')
    return folder


def tool(folder, name, *arguments):
    """Run a tool in ``folder``, without the package installed or on the path."""
    environment = {**os.environ, 'PYTHONPATH': str(ROOT / 'tests'), 'OMP_NUM_THREADS': '1'}
    command = [sys.executable, str(ROOT / 'tools' / name), *map(str, arguments)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)


def test_train_then_test(folder):
    done = tool(
        folder,
        'train.py',
        'tiny.py',
        '--seed',
        4,
        '--cfg-options',
        'train_cfg.max_epochs=1',
        'optim_wrapper.clip_norm=2.0',
    )
    assert (done.returncode, done.stderr) == (0, '')
    results = json.loads((folder / 'work_dirs' / 'tiny' / 'results.json').read_text())
    assert (results['seed'], results['epochs']) == (4, 1)
    assert results['config']['optim_wrapper']['clip_norm'] == 2.0

    done = tool(folder, 'test.py', 'tiny.py', 'work_dirs/tiny/checkpoints/best', '--out', 'test.json')
    assert (done.returncode, done.stderr) == (0, '')
    assert 'ranked/overall' in done.stdout
    assert json.loads((folder / 'test.json').read_text())['samples'] == 12


@pytest.mark.parametrize(
    ('name', 'arguments', 'message'),
    [
        ('train.py', ['plain.py', '--cfg-options', 'train_cfg.max_epoch=1'], "Did you mean 'max_epochs'"),
        ('train.py', ['plain.py', '--cfg-options', 'train_cfg'], "expected key=value, found 'train_cfg'"),
        ('train.py', ['tinny.py'], "No config file 'tinny.py'. Did you mean 'tiny.py'"),
        ('test.py', ['tinny.py', 'no/checkpoint'], "No config file 'tinny.py'. Did you mean 'tiny.py'"),
    ],
)
def test_a_mistake_prints_its_message_alone(folder, name, arguments, message):
    done = tool(folder, name, *arguments)
    assert done.returncode == 2
    assert message in done.stderr and 'Traceback' not in done.stderr


def test_a_dry_run_with_options(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    before = sorted(folder.rglob('*'))
    main = in_process.tool(monkeypatch, 'train')
    main('tiny.py', '--dry-run', '--seed', 4, '--cfg-options', 'optim_wrapper.accumulate=5')
    out = capsys.readouterr().out
    assert 'The dry run of tiny.py is OK' in out and re.search(r'optim_wrapper.accumulate +5 -> 2$', out, re.MULTILINE)
    with pytest.raises(MmalmError, match='failed at: the real model'):
        main('tiny.py', '--dry-run', '--cfg-options', 'model.width=0.5')
    with pytest.raises(SystemExit):
        main('tiny.py', '--dry-run', '--resume')
    assert 'leave out --resume' in capsys.readouterr().err
    assert sorted(folder.rglob('*')) == before
