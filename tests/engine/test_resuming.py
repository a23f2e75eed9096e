"""Resuming within an epoch, from damaged checkpoints, and of what is not the same run."""

from pathlib import Path

import pytest
import torch
from engine_standins import StandInDataset, standin_config
from mmengine.hooks import Hook
from safetensors.torch import load_file

from mmalm.engine.train import train
from mmalm.errors import CheckpointError
from mmalm.registry import DATASETS, HOOKS


@HOOKS.register_module()
class StopAt(Hook):
    """Ends the run before a step."""

    priority = 'LOWEST'

    def __init__(self, step):
        self.step = step

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if runner.iter == self.step:
            raise KeyboardInterrupt


@HOOKS.register_module()
class CountSteps(Hook):
    """A hook of the user's that has a state."""

    def __init__(self):
        self.steps = 0

    def after_train_iter(self, runner, **_):
        self.steps += 1

    def state(self):
        return {'steps': self.steps}

    def load_state(self, state):
        self.steps = state['steps']

    def after_train(self, runner):
        (Path(runner.work_dir) / 'counted').write_text(str(self.steps))


@DATASETS.register_module()
class WatchedDataset(StandInDataset):
    """Notes which samples are loaded in this process."""

    loaded = []

    def __getitem__(self, index):
        if self.split == 'train':
            self.loaded.append(index)
        return super().__getitem__(index)


def config(**changes):
    config = standin_config(**changes)
    config.default_hooks.checkpoint.interval_steps = 1
    config.train_dataloader.dataset.type = 'WatchedDataset'
    return config


def interrupted(folder, step, **changes):
    hooks = [*changes.pop('custom_hooks', ()), dict(type='StopAt', step=step)]
    with pytest.raises(KeyboardInterrupt):
        train(config(custom_hooks=hooks, **changes), folder)


def weights(folder):
    return load_file(folder / 'checkpoints' / 'last' / 'weights.safetensors')


def equal(one, other):
    return all(torch.equal(weights(one)[name], tensor) for name, tensor in weights(other).items())


@pytest.mark.parametrize('step', [1, 2, 3, 5])
def test_an_epoch_is_taken_up_where_it_was_left_and_nothing_is_loaded_twice(tmp_path, capsys, step):
    WatchedDataset.loaded.clear()
    straight = train(config(), tmp_path / 'straight')
    in_order = list(WatchedDataset.loaded[:24])
    interrupted(tmp_path / 'parts', step)
    WatchedDataset.loaded.clear()
    resumed = train(config(), tmp_path / 'parts', resume=True)
    assert WatchedDataset.loaded[: 24 - 4 * step] == in_order[4 * step :]
    assert equal(tmp_path / 'straight', tmp_path / 'parts')
    assert resumed['metrics'] == straight['metrics']
    assert (
        f'{step // 3} of 2 epochs are done' + (f', and {step % 3} of 3 batches' if step % 3 else '')
        in capsys.readouterr().out
    )


def test_other_workers_change_nothing(tmp_path):
    train(config(), tmp_path / 'straight')
    interrupted(tmp_path / 'parts', 2)
    lively = config()
    lively.train_dataloader.num_workers = 2
    lively.train_dataloader.persistent_workers = True
    lively.val_dataloader.num_workers = 1
    train(lively, tmp_path / 'parts', resume=True)
    assert equal(tmp_path / 'straight', tmp_path / 'parts')


def test_accumulated_batches_are_never_cut_apart(tmp_path):
    changes = dict(optim_wrapper=dict(optimizer=dict(type='AdamW', lr=0.1), accumulate=2))
    train(config(**changes), tmp_path / 'straight')
    interrupted(tmp_path / 'parts', 5, **changes)
    # of 2 + 1 batches an epoch: step 4 accumulates
    assert (tmp_path / 'parts' / 'checkpoints' / 'last').readlink().name == 'step_000005'
    steps = {path.name for path in (tmp_path / 'parts' / 'checkpoints').glob('step_*')}
    assert steps == {'step_000005'}
    train(config(**changes), tmp_path / 'parts', resume=True)
    assert equal(tmp_path / 'straight', tmp_path / 'parts')


def test_hooks_that_have_a_state_go_on_with_it(tmp_path):
    counting = [dict(type='CountSteps')]
    interrupted(tmp_path, 4, custom_hooks=counting)
    train(config(custom_hooks=counting), tmp_path, resume=True)
    assert (tmp_path / 'counted').read_text() == '6'


def test_early_stopping_counts_on_and_a_stopped_run_stays_stopped(tmp_path, capsys):
    # no score is good enough: it stops after the second validation without a better one
    stopping = [dict(type='EarlyStoppingHook', monitor='ranked/overall', rule='greater', patience=2, min_delta=2.0)]
    changes = dict(train_cfg=dict(max_epochs=9), custom_hooks=stopping)
    straight = train(config(**changes), tmp_path / 'straight')
    assert straight['epochs'] < 9
    interrupted(tmp_path / 'parts', 4, **changes)
    assert train(config(**changes), tmp_path / 'parts', resume=True)['epochs'] == straight['epochs']
    again = train(config(**changes), tmp_path / 'parts', resume=True)
    assert again['epochs'] == straight['epochs'] and again['metrics'] == straight['metrics']
    assert f'This run is finished: {straight["epochs"]} of 9 epochs' in capsys.readouterr().out


def truncate(file):
    file.write_bytes(file.read_bytes()[:-8])


def flip(file):
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


DAMAGES = {
    'weights cut off': ('weights.safetensors', truncate),
    'a bit of the weights': ('weights.safetensors', flip),
    'a bit of the state': ('training_state.safetensors', flip),
    'position cut off': ('training_state.json', truncate),
    'description cut off': ('mmalm.json', truncate),
    'no weights': ('weights.safetensors', lambda file: file.unlink()),
    'no state': ('training_state.safetensors', lambda file: file.unlink()),
}


@pytest.mark.parametrize('damage', DAMAGES)
def test_a_damaged_newest_checkpoint_costs_a_few_steps_and_not_the_run(tmp_path, capsys, damage):
    train(config(), tmp_path / 'straight')
    interrupted(tmp_path / 'run', 5)
    checkpoints = tmp_path / 'run' / 'checkpoints'
    name, harm = DAMAGES[damage]
    harm(checkpoints / 'step_000005' / name)
    train(config(), tmp_path / 'run', resume=True)
    out = capsys.readouterr().out
    assert f'{checkpoints}/step_000005' in out and 'damaged' in out
    assert f'Going on from {checkpoints}/step_000004 instead.' in out
    assert f'newer or damaged in {tmp_path / "run"} are kept as {tmp_path / "run" / "checkpoints.1"}' in out
    assert (tmp_path / 'run' / 'checkpoints.1' / 'step_000005').exists()
    assert equal(tmp_path / 'straight', tmp_path / 'run')


def test_where_all_are_damaged_the_user_decides(tmp_path):
    interrupted(tmp_path, 5)
    for file in (tmp_path / 'checkpoints').glob('*_*/weights.safetensors'):
        truncate(file)
    with pytest.raises(
        CheckpointError, match='(?s)No checkpoint in .* can be resumed from.*step_000004.*Leave --resume out'
    ):
        train(config(), tmp_path, resume=True)


def test_a_named_checkpoint_that_is_damaged_is_refused(tmp_path):
    interrupted(tmp_path, 5)
    flip(tmp_path / 'checkpoints' / 'step_000004' / 'weights.safetensors')
    with pytest.raises(CheckpointError, match='damaged or truncated: it is not what was written'):
        train(config(), tmp_path, resume=tmp_path / 'checkpoints' / 'step_000004')


def test_resuming_from_an_earlier_checkpoint_sets_the_later_ones_aside(tmp_path):
    interrupted(tmp_path, 5)
    interrupted_again = config(custom_hooks=[dict(type='StopAt', step=4)])
    with pytest.raises(KeyboardInterrupt):
        train(interrupted_again, tmp_path, resume=tmp_path / 'checkpoints' / 'step_000004')
    assert {path.name for path in (tmp_path / 'checkpoints.1').iterdir()} == {'step_000005'}
    # the abandoned one is not taken for the newest
    assert (tmp_path / 'checkpoints' / 'last').readlink().name == 'step_000004'


@pytest.mark.parametrize(
    ('key', 'value', 'message'),
    [
        ('batch_size', 2, 'saved after 0 steps in 0 epochs|was saved in a run over'),
        ('shuffle', False, "'shuffle': True.*'shuffle': False"),
        ('drop_last', True, 'drop_last'),
    ],
)
def test_other_batches_are_refused_within_an_epoch_too(tmp_path, key, value, message):
    interrupted(tmp_path, 2)
    other = config()
    other.train_dataloader[key] = value
    with pytest.raises(CheckpointError, match=message):
        train(other, tmp_path, resume=True)
