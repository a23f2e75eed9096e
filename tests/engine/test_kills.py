"""``kill -9`` at any moment: what was saved is whole, and the run, resumed, ends as if it had never stopped."""

import json
import random
import time
from types import SimpleNamespace

import pytest
import torch
from engine_standins import StandInModel, standin_config
from forks import DIED, die_at, run
from safetensors.torch import load_file

from mmalm.engine.checkpoint import save_checkpoint
from mmalm.engine.checkpoint_files import verify
from mmalm.engine.facade import Facade
from mmalm.engine.hooks.checkpoint_hook import CheckpointHook
from mmalm.engine.optim_wrapper import OptimWrapper
from mmalm.engine.shelf import newest_whole
from mmalm.engine.train import train
from mmalm.engine.training_state import load_training_state
from mmalm.engine.work_dir import run_folder


def config(epochs):
    """Dropout, random samples, accumulation with a remainder, a checkpoint every other step."""
    config = standin_config(train_cfg=dict(max_epochs=epochs))
    config.train_dataloader.dataset.size = 26
    config.optim_wrapper.accumulate = 2
    config.default_hooks.checkpoint.interval_steps = 2
    return config


def resumed(epochs, folder):
    """A run that goes on from wherever it is."""
    return lambda: train(config(epochs), folder, resume=True)


@pytest.fixture(scope='module', autouse=True)
def everything_imported(tmp_path_factory):
    """What is imported on first use is imported here, not in every child anew."""
    train(config(1), tmp_path_factory.mktemp('warm'))


def same_end(one, other):
    """The same weights, state and scores, bit for bit."""
    for name in ('weights.safetensors', 'training_state.safetensors'):
        first, second = (load_file(folder / 'checkpoints' / 'last' / name) for folder in (one, other))
        assert first.keys() == second.keys()
        assert all(torch.equal(first[key], second[key]) for key in first), name
    results = [json.loads((folder / 'results.json').read_text()) for folder in (one, other)]
    for key in ('metrics', 'controls', 'baselines', 'checkpoint', 'epochs', 'steps'):
        assert results[0][key] == results[1][key], key


def nothing_broken(folder):
    """What stands under a final name after a kill is whole."""
    for name in ('last', 'best'):
        if (folder / 'checkpoints' / name).is_symlink():
            verify(folder / 'checkpoints' / name)
    for file in folder.glob('results*.json'):
        json.loads(file.read_text())


def kill_and_resume(folder, epochs, kills, seed):
    """Kill a run at random moments of its life; returns how many kills met it alive."""
    began = time.monotonic()
    assert run(resumed(epochs, folder / 'straight'), folder / 'straight.log').code == 0
    whole, met, moments = time.monotonic() - began, 0, random.Random(seed)
    while met < kills:
        # a start takes a good part of it; beyond that, each life gets a few steps on
        ended = run(resumed(epochs, folder / 'killed'), folder / 'log', kill_after=moments.uniform(0, 0.7) * whole)
        nothing_broken(folder / 'killed')
        met += ended.code == -9
        if ended.code == 0:
            break
    ended = run(resumed(epochs, folder / 'killed'), folder / 'log')
    assert ended.code == 0, ended.said
    same_end(folder / 'straight', folder / 'killed')
    left = [p.name for p in (folder / 'killed' / 'checkpoints').iterdir() if p.name.startswith('.')]
    assert left == []
    return met


def test_a_few_kills(tmp_path):
    assert kill_and_resume(tmp_path, epochs=6, kills=5, seed=0) >= 1


@pytest.mark.slow
@pytest.mark.parametrize('seed', [1, 2])
def test_twenty_kills(tmp_path, seed):
    met, number = 0, 0
    while met < 20:
        folder = tmp_path / str(number)
        folder.mkdir()
        met += kill_and_resume(folder, epochs=60, kills=20 - met, seed=100 * seed + number)
        number += 1


def at_every_change(function, folder, check, before=None, every=1):
    """Die before each change of a file in turn, until the function gets through; returns how many there were.

    ``before``, ``function`` and ``check`` are given a folder of their own every time.
    """
    number = 0
    while True:
        own = folder / str(number)
        if before is not None:
            before(own)

        def dying(own=own, number=number):
            die_at(number)
            function(own)

        ended = run(dying, folder / 'log')
        assert ended.code in (0, DIED), ended.said
        check(own)
        if ended.code == 0:
            return number
        number += every


def test_a_save_that_dies_anywhere_leaves_what_was_saved_before(tmp_path):
    model = StandInModel()
    optim = OptimWrapper(torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1))
    runner = SimpleNamespace(model=Facade(model), optim_wrapper=optim, schedulers=[], cfg=None, last_good=None, epoch=0)
    runner.position = lambda: {'epoch': 0, 'step': runner.iter, 'seed': 0}

    def save(folder, steps, kept=()):
        hook, runner.work_dir = CheckpointHook(interval_steps=1), folder
        hook.kept = list(kept)
        for runner.iter in steps:
            hook.after_step(runner)

    def check(folder):
        newest, faults = newest_whole(folder / 'checkpoints')
        assert newest.name in ('step_000002', 'step_000003') and faults == []
        load_training_state(newest, model, optim, [])
        nothing_broken(folder)

    # a folder, four files, their modes, their names, links; and what is pruned, file by file
    changes = at_every_change(
        lambda folder: save(folder, [3], ['step_000001', 'step_000002']),
        tmp_path,
        check,
        before=lambda folder: save(folder, [1, 2]),
    )
    assert changes > 20


def test_replacing_a_checkpoint_dies_anywhere_and_one_of_both_is_there_for_the_next_run(tmp_path):
    model = StandInModel()

    def save(folder, step):
        save_checkpoint(folder / 'checkpoints' / 'epoch_001', model, step=step)

    def clean(folder):
        with run_folder(folder):
            pass

    def check(folder):
        assert run(lambda: clean(folder), tmp_path / 'cleaned').code == 0
        assert verify(folder / 'checkpoints' / 'epoch_001')['step'] in (1, 2)
        assert [path.name for path in (folder / 'checkpoints').iterdir()] == ['epoch_001']

    changes = at_every_change(lambda folder: save(folder, 2), tmp_path, check, before=lambda folder: save(folder, 1))
    assert changes > 8


@pytest.mark.parametrize('every', [97, pytest.param(1, marks=pytest.mark.slow)])
def test_a_run_that_dies_anywhere_goes_on_to_the_same_end(tmp_path, every):
    assert run(resumed(2, tmp_path / 'straight'), tmp_path / 'log').code == 0

    def check(folder):
        nothing_broken(folder)
        ended = run(resumed(2, folder), tmp_path / 'resumed')
        assert ended.code == 0, ended.said
        same_end(tmp_path / 'straight', folder)

    at_every_change(lambda folder: resumed(2, folder)(), tmp_path, check, every=every)
