"""eP-ALM in miniature, with a feature cache, in two processes: forked, and as torchrun starts them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from forks import run, together
from safetensors.torch import load_file
from tiny_epalm import write_epalm

from mmalm.config import load_config
from mmalm.encoders import Encoder
from mmalm.engine import distributed
from mmalm.engine.train import train

ROOT = Path(__file__).parents[2]
OPTIONS = {
    # no warm-up to a rate at which nothing differs; tasks whose answers differ in length
    'train_cfg.max_epochs': 1,
    'optim_wrapper.accumulate': 2,
    'default_hooks.checkpoint.interval_steps': 2,
}


@pytest.fixture
def config(tmp_path):
    return write_epalm(tmp_path)


def options(config, name):
    """The config of a run with a cache of its own."""
    return {**OPTIONS, 'feature_cache.folder': str(config.parent / f'features_{name}')}


def same_run(one, two):
    """Losses to 1e-5, the same scores."""
    results = [json.loads((folder / 'results.json').read_text()) for folder in (one, two)]
    for key in ('metrics', 'controls', 'steps', 'checkpoint'):
        assert results[0][key] == results[1][key], key
    logs = [[json.loads(line) for line in next(folder.glob('*/log.jsonl')).open()] for folder in (one, two)]
    assert len(logs[0]) == len(logs[1]) > 1
    for first, second in zip(*logs, strict=True):
        if 'loss' in first:
            assert second['loss'] == pytest.approx(first['loss'], abs=1e-5)
    weights = [load_file(folder / 'checkpoints' / 'last' / 'weights.safetensors') for folder in (one, two)]
    for name, tensor in weights[0].items():
        torch.testing.assert_close(weights[1][name], tensor, atol=1e-4, rtol=0)


def test_two_processes_train_as_one_and_fill_the_cache_once(config):
    folder, looks = config.parent, Encoder.forward

    def training(name, launcher):
        def function():
            torch.set_num_threads(1)
            with distributed.launch(launcher):
                Encoder.forward = lambda self, pixels: seen.append(len(pixels)) or looks(self, pixels)
                seen = []
                train(load_config(config, options(config, name)), folder / name)
                Path(folder / f'{name}.{distributed.rank()}').write_text(str(sum(seen)))

        return function

    train(load_config(config, options(config, 'warm')), folder / 'warm')
    assert run(training('one', 'none'), folder / 'log').code == 0
    ended = together([training('two', 'pytorch')] * 2, folder)
    assert [child.code for child in ended] == [0, 0], ended
    same_run(folder / 'one', folder / 'two')
    alone, first, second = (int((folder / name).read_text()) for name in ('one.0', 'two.0', 'two.1'))
    assert alone == first > 0 and second == 0


@pytest.mark.slow
def test_under_torchrun(config):
    """Training, and scoring the test split, by the tools."""

    def tool(processes, name, *arguments):
        start = [sys.executable]
        launcher = []
        if processes > 1:
            start += ['-m', 'torch.distributed.run', f'--nproc_per_node={processes}', '--standalone']
            launcher = ['--launcher', 'pytorch']
        command = [*start, str(ROOT / 'tools' / name), *map(str, arguments), *launcher]
        environment = {**os.environ, 'OMP_NUM_THREADS': '1'}
        return subprocess.run(command, cwd=config.parent, env=environment, capture_output=True, text=True, timeout=300)

    folder = config.parent
    for processes, name in ((1, 'one'), (2, 'two')):
        given = [f'{key}={value}' for key, value in options(config, name).items()]
        done = tool(processes, 'train.py', config, '--work-dir', folder / name, '--cfg-options', *given)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count('total trainable') == 1 and done.stdout.count('Results:') == 1
        checkpoint, out = folder / name / 'checkpoints' / 'best', folder / f'{name}_test.json'
        done = tool(processes, 'test.py', config, checkpoint, '--out', out, '--cfg-options', *given)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count('Results:') == 1
    same_run(folder / 'one', folder / 'two')
    one, two = (json.loads((folder / f'{name}_test.json').read_text()) for name in ('one', 'two'))
    assert one['metrics'] == two['metrics'] and one['samples'] == two['samples']
    assert [p['id'] for p in one['predictions']] == [p['id'] for p in two['predictions']]
    assert [p['generated'] for p in one['predictions']] == [p['generated'] for p in two['predictions']]
    # a mistake is told once, and ends all
    done = tool(2, 'train.py', config, '--work-dir', folder / 'bad', '--cfg-options', 'train_dataloader.batch_size=15')
    assert done.returncode != 0 and done.stderr.count('batch_size=15 counts the samples of all processes') == 1
