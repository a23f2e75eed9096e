"""Going on from a checkpoint equals never having stopped."""

import json

import pytest
import torch
from engine_standins import standin_config
from mmengine.hooks import Hook
from safetensors.torch import load_file

from mmalm.engine.train import train
from mmalm.errors import CheckpointError, ConfigError, MissingDataError
from mmalm.registry import HOOKS


@HOOKS.register_module()
class StopAfter(Hook):
    """Ends the run after an epoch, as a machine that goes away would."""

    priority = 'LOWEST'

    def __init__(self, epoch):
        self.epoch = epoch

    def after_epoch(self, runner, metrics=None):
        if runner.epoch == self.epoch:
            raise KeyboardInterrupt


STOP = [dict(type='StopAfter', epoch=1)]


def interrupted(folder, **changes):
    with pytest.raises(KeyboardInterrupt):
        train(standin_config(custom_hooks=STOP, **changes), folder)
    return folder


@pytest.mark.parametrize('optimizer', [dict(type='AdamW', lr=0.1), dict(type='SGD', lr=0.1, momentum=0.9)])
def test_one_epoch_and_resuming_equals_two_epochs_bit_for_bit(tmp_path, optimizer):
    """With dropout, random samples, shuffling and an accumulated remainder."""
    changes = {'optim_wrapper': dict(optimizer=optimizer, accumulate=2)}
    straight = train(standin_config(**changes), tmp_path / 'straight')
    interrupted(tmp_path / 'parts', **changes)
    resumed = train(standin_config(**changes), tmp_path / 'parts', resume=True)

    def last(run, name):
        return tmp_path / run / 'checkpoints' / 'last' / name

    for name in ('weights.safetensors', 'training_state.safetensors'):
        one, two = load_file(last('straight', name)), load_file(last('parts', name))
        assert one.keys() == two.keys()
        assert all(torch.equal(one[key], two[key]) for key in one)
    state = [json.loads(last(run, 'training_state.json').read_text()) for run in ('straight', 'parts')]
    assert state[0] == state[1]
    assert resumed['metrics'] == straight['metrics']
    assert (resumed['epochs'], resumed['steps']) == (2, 6)


def test_the_first_epoch_changed_something(tmp_path):
    """Guards the test above against comparing two untrained models."""
    interrupted(tmp_path)
    first = load_file(tmp_path / 'checkpoints' / 'last' / 'weights.safetensors')
    train(standin_config(), tmp_path, resume=tmp_path / 'checkpoints' / 'epoch_001')
    second = load_file(tmp_path / 'checkpoints' / 'last' / 'weights.safetensors')
    assert not any(torch.equal(first[name], second[name]) for name in first)


def test_no_pickle_is_written(tmp_path):
    train(standin_config(), tmp_path)
    suffixes = {file.suffix for file in (tmp_path / 'checkpoints').rglob('*') if file.is_file()}
    assert suffixes == {'.json', '.safetensors'}


def test_without_a_checkpoint_resuming_starts_anew_and_says_so(tmp_path, capsys):
    results = train(standin_config(), tmp_path, resume=True)
    assert results['epochs'] == 2
    assert f'Nothing to resume in {tmp_path}: there is no checkpoint yet. Starting anew.' in capsys.readouterr().out


def test_a_named_checkpoint_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(MissingDataError, match='No checkpoint at'):
        train(standin_config(), tmp_path, resume=tmp_path / 'checkpoints' / 'last')


def test_weights_alone_cannot_be_resumed(tmp_path):
    interrupted(tmp_path)
    (tmp_path / 'checkpoints' / 'last' / 'training_state.json').unlink()
    with pytest.raises(CheckpointError, match='no training state'):
        train(standin_config(), tmp_path, resume=True)


def test_other_groups_schedules_data_and_seeds_are_refused(tmp_path):
    interrupted(tmp_path)
    plain_optimizer = dict(optimizer=dict(type='AdamW', lr=0.1))
    with pytest.raises(CheckpointError, match='other optimizer groups'):
        train(standin_config(optim_wrapper=plain_optimizer), tmp_path, resume=True)
    with pytest.raises(CheckpointError, match='1 learning-rate schedules, the config has 0'):
        train(standin_config(param_scheduler=None), tmp_path, resume=True)
    loader = dict(batch_size=6, shuffle=True, dataset=dict(type='StandInDataset', split='train'))
    with pytest.raises(
        CheckpointError, match='saved after 3 steps in 1 epochs, but by this config that many epochs have 2'
    ):
        train(standin_config(train_dataloader=loader), tmp_path, resume=True)
    with pytest.raises(ConfigError, match='seed 3, this one has 4'):
        train(standin_config(), tmp_path, resume=True, seed=4)


def test_a_finished_run_resumes_to_its_results_and_says_so(tmp_path, capsys):
    first = train(standin_config(), tmp_path)
    (tmp_path / 'results.json').unlink()
    again = train(standin_config(), tmp_path, resume=True)
    assert again['metrics'] == first['metrics'] and again['steps'] == 6
    assert 'This run is finished: 2 of 2 epochs are done.' in capsys.readouterr().out
    assert json.loads((tmp_path / 'results.json').read_text()) == again


def test_the_best_of_another_folder_is_not_this_runs(tmp_path):
    interrupted(tmp_path / 'one')
    train(standin_config(), tmp_path / 'two', resume=tmp_path / 'one' / 'checkpoints' / 'last')
    names = {p.name for p in (tmp_path / 'two' / 'checkpoints').iterdir()}
    assert names == {'epoch_002', 'last', 'best'}
