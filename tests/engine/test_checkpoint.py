import json
import pickle

import pytest
import torch
from engine_standins import StandInModel
from safetensors.torch import load_file
from torch import nn

from mmalm.engine.checkpoint import load_checkpoint, save_checkpoint
from mmalm.errors import CheckpointError, MissingDataError


def test_the_literal_key_set(tmp_path):
    save_checkpoint(tmp_path / 'c', StandInModel(), epoch=2, step=7, metrics={'ranked/overall': 0.5})
    assert sorted(p.name for p in (tmp_path / 'c').iterdir()) == ['mmalm.json', 'weights.safetensors']
    assert set(load_file(tmp_path / 'c' / 'weights.safetensors')) == {
        'connector.0.weight',
        'connector.0.bias',
        'soft_prompt.weight',
    }
    description = json.loads((tmp_path / 'c' / 'mmalm.json').read_text())
    assert description['trained'] == {
        'connector.0.weight': {'shape': [3, 6], 'dtype': 'float32'},
        'connector.0.bias': {'shape': [3], 'dtype': 'float32'},
        'soft_prompt.weight': {'shape': [1, 3], 'dtype': 'float32'},
    }
    assert description['base_models']['encoder']['name'] == 'stand-in'
    assert (description['epoch'], description['step'], description['metrics']) == (2, 7, {'ranked/overall': 0.5})


def test_weights_come_back(tmp_path):
    torch.manual_seed(0)
    model, other = StandInModel(), StandInModel()
    assert not torch.equal(model.connector[0].weight, other.connector[0].weight)
    save_checkpoint(tmp_path / 'c', model)
    load_checkpoint(tmp_path / 'c', other)
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, other.state_dict()[name]), name


def test_buffers_of_trained_modules_are_saved(tmp_path):
    model = nn.BatchNorm1d(2)
    model(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    save_checkpoint(tmp_path / 'c', model)
    fresh = nn.BatchNorm1d(2)
    load_checkpoint(tmp_path / 'c', fresh)
    assert fresh.running_mean.tolist() == pytest.approx([0.2, 0.3])


def test_the_size_is_that_of_what_trains(tmp_path):
    model = nn.ModuleDict({'frozen': nn.Linear(2000, 500).requires_grad_(False), 'trained': nn.Linear(300, 300)})
    folder = save_checkpoint(tmp_path / 'c', model)
    trained = 300 * 300 + 300
    size = sum(file.stat().st_size for file in folder.iterdir())
    assert trained * 4 <= size <= 1.1 * trained * 4 + 64_000


def test_an_earlier_checkpoint_is_replaced_in_whole(tmp_path):
    folder = save_checkpoint(tmp_path / 'c', StandInModel(), epoch=1, also=lambda f: (f / 'extra').write_text('x'))
    assert (folder / 'extra').exists()
    save_checkpoint(folder, StandInModel(), epoch=2)
    assert sorted(p.name for p in tmp_path.rglob('*')) == ['c', 'mmalm.json', 'weights.safetensors']


def test_a_failure_while_writing_leaves_the_earlier_checkpoint(tmp_path):
    folder = save_checkpoint(tmp_path / 'c', StandInModel(), epoch=1)

    def fail(_):
        raise OSError('disk full')

    with pytest.raises(OSError, match='disk full'):
        save_checkpoint(folder, StandInModel(), epoch=2, also=fail)
    assert load_checkpoint(folder, StandInModel())['epoch'] == 1
    assert [p.name for p in tmp_path.iterdir()] == ['c']


class Canary:
    def __reduce__(self):
        return (pytest.fail, ('a pickle was opened',))


def test_a_pickle_is_refused_unopened(tmp_path):
    with open(tmp_path / 'a.pth', 'wb') as file:
        pickle.dump(Canary(), file)
    torch.save({'w': torch.ones(1)}, tmp_path / 'b.pth')
    for name in ('a.pth', 'b.pth'):
        with pytest.raises(CheckpointError, match='is a pickle.*A checkpoint is a folder'):
            load_checkpoint(tmp_path / name, StandInModel())


def test_a_folder_that_is_no_checkpoint(tmp_path):
    (tmp_path / 'model.bin').write_text('')
    with pytest.raises(CheckpointError, match='has no mmalm.json.*model.bin'):
        load_checkpoint(tmp_path, StandInModel())
    with pytest.raises(MissingDataError, match='No checkpoint at'):
        load_checkpoint(tmp_path / 'nothing', StandInModel())


def test_a_work_dir_points_to_its_best_checkpoint(tmp_path):
    save_checkpoint(tmp_path / 'checkpoints' / 'best', StandInModel())
    with pytest.raises(CheckpointError, match='Did you mean .*checkpoints/best'):
        load_checkpoint(tmp_path, StandInModel())


def test_truncated_weights_are_named(tmp_path):
    folder = save_checkpoint(tmp_path / 'c', StandInModel())
    weights = folder / 'weights.safetensors'
    weights.write_bytes(weights.read_bytes()[:-8])
    with pytest.raises(CheckpointError, match=r'weights\.safetensors.*truncated'):
        load_checkpoint(folder, StandInModel())


def test_a_damaged_description_is_named(tmp_path):
    folder = save_checkpoint(tmp_path / 'c', StandInModel())
    (folder / 'mmalm.json').write_text('{"format')
    with pytest.raises(CheckpointError, match=r'mmalm\.json is damaged'):
        load_checkpoint(folder, StandInModel())


def test_a_later_format_is_refused(tmp_path):
    folder = save_checkpoint(tmp_path / 'c', StandInModel())
    (folder / 'mmalm.json').write_text('{"format_version": 99, "mmalm_version": "9.0"}')
    with pytest.raises(CheckpointError, match='format 99.*written by mmalm 9.0'):
        load_checkpoint(folder, StandInModel())


def test_another_model_is_refused_and_left_as_it_was(tmp_path):
    folder = save_checkpoint(tmp_path / 'c', StandInModel(trainable=['soft_prompt.*', 'connector.0.bias']))
    other = StandInModel(width=7, trainable=['soft_prompt.*', 'connector.0.weight'])
    before = other.soft_prompt.weight.clone()
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(folder, other)
    message = str(caught.value)
    assert 'the model trains, but the checkpoint lacks: connector.0.weight' in message
    assert 'the checkpoint holds, but the model does not train: connector.0.bias' in message
    assert 'encoder: stand-in (fingerprint' in message
    assert torch.equal(other.soft_prompt.weight, before)


def test_other_shapes_are_named(tmp_path):
    folder = save_checkpoint(tmp_path / 'c', nn.Linear(2, 3))
    with pytest.raises(CheckpointError, match=r'weight: \[3, 2\] in the checkpoint, \[3, 4\] in the model'):
        load_checkpoint(folder, nn.Linear(4, 3))
