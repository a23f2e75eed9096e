"""The whole of it on tiny parts: pictures, feature cache, AugmentedLM, training, resuming, test scores."""

import pytest
import torch
from mmengine.config import Config
from mmengine.hooks import Hook
from PIL import Image
from safetensors.torch import load_file
from tiny import save_tiny_lm
from tiny_pictures import VIT, TinyPictures

from mmalm.datasets.transforms import ImageTransform
from mmalm.encoders import Encoder
from mmalm.engine.score import score_checkpoint
from mmalm.engine.train import train
from mmalm.errors import ConfigError
from mmalm.registry import DATASETS, HOOKS

COLOURS = ('red', 'green', 'blue')


@HOOKS.register_module()
class LeaveAfterOne(Hook):
    priority = 'LOWEST'

    def after_epoch(self, runner, metrics=None):
        if runner.epoch == 1:
            raise KeyboardInterrupt


@DATASETS.register_module()
class ColouredPictures(TinyPictures):
    def __init__(self, folder, split, preprocessing, shuffle_media=None):
        super().__init__(folder, ImageTransform(preprocessing))
        self.media = [key for key in self.media if key.startswith(split)]
        self.shift = 0 if shuffle_media is None else 1

    def __len__(self):
        return len(self.media)

    def __getitem__(self, index):
        key = self.media[(index + self.shift) % len(self.media)]
        answer = self.media[index].split('_')[-1].removesuffix('.png')
        text = dict(task='colour', question='what is this ?', answer=answer, answers=list(COLOURS))
        return {'id': str(index), 'media': key, 'pixels': self.transform(self.load_media(key)), **text}


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp('whole')
    save_tiny_lm(folder / 'lm')
    (folder / 'pictures').mkdir()
    for row, split in enumerate(('train', 'val', 'test')):
        for i in range(6):
            colour = COLOURS[i % 3]
            Image.new('RGB', (16 + i, 16 + row), colour).save(folder / 'pictures' / f'{split}_{i}_{colour}.png')
    return folder


def config(folder, **changes):
    def loader(split):
        dataset = dict(type='ColouredPictures', folder=str(folder / 'pictures'), split=split)
        return dict(batch_size=3, shuffle=split == 'train', dataset=dataset)

    model = dict(
        type='AugmentedLM',
        encoder=dict(type='TransformersEncoder', config=VIT, levels=2),
        connector=dict(type='LinearConnector'),
        language_model=dict(type='CausalLM', model=str(folder / 'lm')),
        schedule=dict(type='LayerwiseReplace', start=2),
        soft_prompt=dict(type='SoftPrompt', length=1),
        head=dict(type='GenerationHead', generate=dict(max_new_tokens=2)),
    )
    return Config(
        dict(
            model=model,
            train_dataloader=loader('train'),
            val_dataloader=loader('val'),
            test_dataloader=loader('test'),
            train_cfg=dict(max_epochs=2),
            optim_wrapper=dict(optimizer=dict(type='AdamW', lr=0.01), clip_norm=1.0),
            param_scheduler=dict(type='WarmupCosine', warmup=1),
            metrics=[dict(type='AnswerAccuracy')],
            controls=dict(shuffled_media=True),
            feature_cache=dict(folder=str(folder / 'features')),
            seed=1,
        )
        | changes
    )


def trained(folder):
    return load_file(folder / 'checkpoints' / 'last' / 'weights.safetensors')


def test_cached_features_train_the_same_model_with_one_look_at_each_picture(folder, tmp_path, monkeypatch):
    train(config(folder, feature_cache=None), tmp_path / 'plain')
    looks = []
    forward = Encoder.forward
    monkeypatch.setattr(Encoder, 'forward', lambda self, pixels: looks.append(len(pixels)) or forward(self, pixels))
    train(config(folder), tmp_path / 'cached')
    assert sum(looks) == 12  # the training and the validation pictures
    plain, cached = trained(tmp_path / 'plain'), trained(tmp_path / 'cached')
    assert plain.keys() == cached.keys()
    for name in plain:
        torch.testing.assert_close(plain[name], cached[name], rtol=1e-3, atol=1e-4)


def test_the_checkpoint_scores_the_test_split(folder, tmp_path):
    train(config(folder), tmp_path)
    results = score_checkpoint(config(folder), tmp_path / 'checkpoints' / 'last', out=tmp_path / 'test.json')
    assert set(results['metrics']['test']) == {
        f'{m}/{p}' for m in ('ranked', 'generated') for p in ('overall', 'colour')
    }
    assert {p['ranked'] for p in results['predictions']} <= set(COLOURS)
    size = sum(f.stat().st_size for f in (tmp_path / 'checkpoints' / 'last').glob('[wm]*'))
    assert size <= 1.1 * 4 * sum(t.numel() for t in trained(tmp_path).values()) + 64_000


def test_resuming_gives_the_same_weights_bit_for_bit(folder, tmp_path):
    train(config(folder), tmp_path / 'straight')
    with pytest.raises(KeyboardInterrupt):
        train(config(folder, custom_hooks=[dict(type='LeaveAfterOne')]), tmp_path / 'parts')
    train(config(folder), tmp_path / 'parts', resume=True)
    straight, parts = trained(tmp_path / 'straight'), trained(tmp_path / 'parts')
    assert all(torch.equal(straight[name], parts[name]) for name in straight)


def test_a_misspelt_cache_key(folder, tmp_path):
    with pytest.raises(ConfigError, match="feature_cache: unknown argument 'foldr'. Did you mean 'folder'"):
        train(config(folder, feature_cache=dict(foldr='x')), tmp_path)
