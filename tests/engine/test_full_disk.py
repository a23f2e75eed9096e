"""A disk that fills up while a checkpoint is saved: what was there stays, and the run says what to do."""

import errno
import importlib
from pathlib import Path

import pytest
import torch
from engine_standins import standin_config
from safetensors import SafetensorError
from safetensors.torch import load_file

from mmalm.engine.checkpoint_files import verify
from mmalm.engine.train import train
from mmalm.errors import TrainingError

FULL = OSError(errno.ENOSPC, 'No space left on device')
PLACES = {
    'weights': ('mmalm.engine.checkpoint.save_file', SafetensorError('IoError: No space left on device')),
    'training state': ('mmalm.engine.training_state.save_file', FULL),
    'description': ('mmalm.engine.checkpoint.write_json', FULL),
    'reaching the disk': ('mmalm.atomic._settle', FULL),
    'name': ('mmalm.atomic.Path.rename', FULL),
}


def fail_from(monkeypatch, place, error, call):
    """The function at ``place`` fails from its ``call``-th call on."""
    module, _, name = place.rpartition('.')
    owner = Path if module.endswith('.Path') else importlib.import_module(module)
    real, calls = getattr(owner, name), []

    def function(*arguments, **keywords):
        calls.append(1)
        if len(calls) >= call:
            raise error
        return real(*arguments, **keywords)

    monkeypatch.setattr(owner, name, function)


@pytest.mark.parametrize('place', PLACES)
def test_the_old_checkpoint_is_intact_and_the_run_goes_on_once_there_is_room(tmp_path, monkeypatch, place):
    straight = train(standin_config(), tmp_path / 'straight')
    with monkeypatch.context() as patch:
        fail_from(patch, *PLACES[place], call=2)
        with pytest.raises(TrainingError) as caught:
            train(standin_config(), tmp_path / 'run')
    message = str(caught.value)
    checkpoints = tmp_path / 'run' / 'checkpoints'
    assert f'after step 6: {checkpoints}/epoch_002 could not be saved' in message and 'No space left' in message
    assert f'{checkpoints}/epoch_001 is whole. Make room, then go on with --resume' in message
    assert verify(checkpoints / 'last')['epoch'] == 1
    assert {path.name for path in checkpoints.iterdir()} == {'epoch_001', 'last', 'best'}
    resumed = train(standin_config(), tmp_path / 'run', resume=True)
    assert resumed['metrics'] == straight['metrics']
    one, two = (load_file(tmp_path / name / 'checkpoints/last/weights.safetensors') for name in ('straight', 'run'))
    assert all(torch.equal(one[key], two[key]) for key in one)


@pytest.mark.parametrize('place', ['mmalm.engine.results.write_json', 'mmalm.engine.hooks.record_hook.open'])
def test_a_full_disk_elsewhere_is_told_without_a_traceback(tmp_path, monkeypatch, place):
    def full(*arguments, **keywords):
        raise FULL

    monkeypatch.setattr(place, full, raising=False)
    with pytest.raises(TrainingError, match='(?s)The disk is full.*is whole. Make room, then go on with --resume'):
        train(standin_config(), tmp_path)
