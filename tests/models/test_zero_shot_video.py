"""A checkpoint trained on pictures answers about clips."""

import torch
from mmengine.config import Config
from tiny_epalm import write_epalm

from mmalm.datasets import MovingStampsDataset, collate
from mmalm.engine.checkpoint import load_checkpoint, save_checkpoint
from mmalm.registry import MODELS


def built(model, **changes):
    torch.manual_seed(0)  # the frozen encoder is random, and the same in both
    return MODELS.build({**model, **changes}).eval()


def test_a_picture_checkpoint_loads_into_the_frame_encoder_and_sees_still_clips_as_pictures(tmp_path):
    config = Config.fromfile(write_epalm(tmp_path))
    node = config.model.to_dict()
    pictures = built(node)
    with torch.no_grad():
        for parameter in pictures.connector.parameters():
            parameter.copy_(torch.randn_like(parameter))
    save_checkpoint(tmp_path / 'checkpoint', pictures, config=config)
    clips = built(node, encoder=dict(type='FrameEncoder', encoder=node['encoder'], frames=3))
    load_checkpoint(tmp_path / 'checkpoint', clips)

    folder = config.test_dataloader.dataset.root
    dataset = MovingStampsDataset(
        'test', ['kind'], folder, clips=tmp_path / 'clips', size=32, frames=4, preprocessing=clips.preprocessing
    )
    batch = collate([dataset[i] for i in range(4)])
    batch['frames'] = batch['frames'][:, :1].expand(-1, 3, -1, -1, -1)
    still = {name: value for name, value in batch.items() if name != 'frames'} | {'pixels': batch['frames'][:, 0]}
    seen, shown = clips.predict(batch), pictures.predict(still)
    assert [s['ranked'] for s in seen] == [s['ranked'] for s in shown]
    assert [s['generated'] for s in seen] == [s['generated'] for s in shown]
    assert torch.allclose(clips.loss(batch)['loss'], pictures.loss(still)['loss'], atol=1e-5)
