"""tools/convert_checkpoint.py on a file in the released layout of pt-L, at its real size, without any base model."""

import pytest
import torch
from huggingface_hub import constants
from in_process import tool

from mmalm.engine.checkpoint_files import verify
from mmalm.errors import CheckpointError

PT_L = 'configs/epalm/opt6.7b_vit_l_vqa_released.py'
SETTINGS = {
    'start_layer_idx': 19,
    'end_layer_idx': 31,
    'injected_hidden_states': 6,
    'shared_connector': True,
    'mlp': False,
}


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(constants, 'HF_HUB_CACHE', str(tmp_path))
    state = {
        'connector.0.weight': torch.ones(4096, 1024),
        'connector.0.bias': torch.zeros(4096),
        'prompt_module.prefix_embedding.0.weight': torch.ones(10, 4096),
    }
    torch.save({'model': state, 'config': SETTINGS, 'epoch': 34, 'best_valid': 54.5}, tmp_path / 'checkpoint_best.pth')
    return tmp_path / 'checkpoint_best.pth'


def test_by_the_released_config(file, tmp_path, monkeypatch, capsys):
    tool(monkeypatch, 'convert_checkpoint')('epalm', file, tmp_path / 'out', '--config', PT_L)
    first, second, third = capsys.readouterr().out.splitlines()
    assert first == f'{tmp_path / "out"}: 3 tensors, 4,239,360 parameters, epoch 35'
    assert 'fingerprints of its base models are unknown' in second
    assert third == f'python tools/test.py {PT_L} {tmp_path / "out"}'
    description = verify(tmp_path / 'out')
    assert description['config']['model']['visibility'] == 'all'
    assert description['base_models']['language_model']['name'] == 'facebook/opt-6.7b'


def test_the_default_config_is_another_model(file, tmp_path, monkeypatch):
    with pytest.raises(CheckpointError) as caught:
        tool(monkeypatch, 'convert_checkpoint')('epalm', file, tmp_path / 'out')
    message = str(caught.value)
    assert 'connector.projections.0.weight: [4096, 1024] in the file, [2560, 768] by the config' in message
    assert 'connector.projections.5.bias [2560] is not in the file' in message
    assert 'soft_prompt.mlp.2.weight [2560, 2560] is not in the file' in message


def test_options_change_the_config(file, tmp_path, monkeypatch):
    options = ('--config', PT_L, '--cfg-options', 'model.schedule.start=20')
    with pytest.raises(
        CheckpointError, match='start_layer_idx is 19 there, and the config has model.schedule.start = 20'
    ):
        tool(monkeypatch, 'convert_checkpoint')('epalm', file, tmp_path / 'out', *options)
