"""Pictures and sounds trained together: caches, baselines, controls, processes, resuming."""

import json

import pytest
import torch
from forks import together
from mmengine.config import Config
from mmengine.hooks import Hook
from PIL import Image
from safetensors.torch import load_file
from tiny import save_tiny_lm
from tiny_batches import TinyEar
from tiny_pictures import TinyPictures, tiny_encoder

from mmalm.datasets.transforms import ImageTransform
from mmalm.encoders import Encoder
from mmalm.encoders.modalities import INPUTS
from mmalm.engine import distributed
from mmalm.engine.score import score_checkpoint
from mmalm.engine.train import train
from mmalm.errors import CheckpointError, ConfigError
from mmalm.registry import DATASETS, HOOKS

COLOURS = ('red', 'green', 'blue')


@HOOKS.register_module()
class LeaveWithinEpoch(Hook):
    priority = 'LOWEST'

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        if runner.iter == 4:
            raise KeyboardInterrupt


@DATASETS.register_module()
class SeenOrHeard(TinyPictures):
    """Pictures of one colour each; sounds are pictures too."""

    notes = ('nothing was left out',)

    def __init__(self, folder, split, preprocessing, modality='image', shuffle_media=None):
        super().__init__(folder, ImageTransform(preprocessing))
        self.media = [key for key in self.media if key.startswith(split)]
        self.modality, self.shift = modality, int(shuffle_media is not None)

    def __len__(self):
        return len(self.media)

    def __getitem__(self, index):
        key = self.media[(index + self.shift) % len(self.media)]
        answer = self.media[index].split('_')[-1].removesuffix('.png')
        text = dict(task=self.modality, question='what is this ?', answer=answer, answers=list(COLOURS))
        return {'id': str(index), 'media': key, INPUTS[self.modality]: self.transform(self.load_media(key)), **text}


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp('mixed')
    save_tiny_lm(folder / 'lm')
    tiny_encoder().model.save_pretrained(folder / 'vit')
    (folder / 'pictures').mkdir()
    for row, split in enumerate(('train', 'val', 'test')):
        for i in range(6):
            name = f'{split}_{i}_{COLOURS[i % 3]}.png'
            Image.new('RGB', (16 + i, 16 + row), COLOURS[i % 3]).save(folder / 'pictures' / name)
    return folder


def adaptation(folder, kind, levels):
    statistics = dict(mean=[0.5] * 3, std=[0.5] * 3, size=(16, 16))
    return dict(
        encoder=dict(type=kind, model=str(folder / 'vit'), levels=levels, preprocessing=statistics),
        connector=dict(type='LinearConnector'),
        schedule=dict(type='LayerwiseReplace', start=2),
    )


def config(folder, **changes):
    def loader(split):
        parts = [
            dict(type='SeenOrHeard', folder=str(folder / 'pictures'), split=split, modality=modality)
            for modality in ('image', 'audio')
        ]
        return dict(batch_size=4, shuffle=split == 'train', dataset=dict(type='MixedDataset', datasets=parts))

    model = dict(
        type='MultimodalLM',
        language_model=dict(type='CausalLM', model=str(folder / 'lm')),
        head=dict(type='GenerationHead', generate=dict(max_new_tokens=2)),
        adaptations=dict(
            image=adaptation(folder, 'TransformersEncoder', 2), audio=adaptation(folder, TinyEar.__name__, 1)
        ),
    )
    return Config(
        dict(
            model=model,
            **{f'{split}_dataloader': loader(split) for split in ('train', 'val', 'test')},
            train_cfg=dict(max_epochs=2),
            optim_wrapper=dict(optimizer=dict(type='AdamW', lr=0.01), clip_norm=1.0),
            metrics=[dict(type='AnswerAccuracy')],
            feature_cache=dict(folder=str(folder / 'features')),
            seed=1,
        )
        | changes
    )


def trained(folder):
    return load_file(folder / 'checkpoints' / 'last' / 'weights.safetensors')


def close(one, two, **tolerance):
    assert one.keys() == two.keys()
    for name in one:
        torch.testing.assert_close(one[name], two[name], **tolerance)


def test_two_encoders_fill_a_cache_each_and_train_the_same_as_without(folder, tmp_path, monkeypatch):
    train(config(folder, feature_cache=None), tmp_path / 'plain')
    looks, forward = [], Encoder.forward

    def look(self, pixels):
        looks.append((self.modality, len(pixels)))
        return forward(self, pixels)

    monkeypatch.setattr(Encoder, 'forward', look)
    train(config(folder), tmp_path / 'cached')
    assert {m: sum(n for name, n in looks if name == m) for m in INPUTS} == {'image': 12, 'video': 0, 'audio': 12}
    assert sorted(path.name for path in (folder / 'features').iterdir()) == ['audio', 'image']
    assert {name.split('.')[1] for name in trained(tmp_path / 'cached')} == {'image', 'audio'}
    close(trained(tmp_path / 'plain'), trained(tmp_path / 'cached'), rtol=1e-3, atol=1e-4)


def test_scores_baselines_controls_and_notes_are_of_all_modalities(folder, tmp_path):
    more = dict(baselines=[dict(type='KNearestNeighbours', choices=(1,))], controls=dict(shuffled_media=True))
    train(config(folder, train_cfg=dict(max_epochs=1)), tmp_path)
    results = score_checkpoint(config(folder, **more), tmp_path / 'checkpoints' / 'last', tmp_path / 'test.json')
    names = {'ranked/overall', 'ranked/image', 'ranked/audio'}
    assert names <= set(results['metrics']['test']) == set(results['controls']['test']['shuffled_media'])
    # a colour is told by its neighbours in either kind of features
    assert results['baselines']['test'] == {'KNearestNeighbours': dict.fromkeys(names, 1.0)}
    predictions = results['predictions']
    assert [p['id'] for p in predictions] == [f'{place}/{i}' for place in (0, 1) for i in range(6)]
    assert [p['modality'] for p in predictions] == ['image'] * 6 + ['audio'] * 6
    assert results['notes'] == {'test': ['SeenOrHeard: nothing was left out'] * 2}


def test_two_processes_train_as_one_though_one_of_them_may_lack_a_modality(folder, tmp_path):
    batches = config(folder)
    # unshuffled, a process has pictures alone while the other has both, and then sounds alone
    batches.train_dataloader.shuffle = False
    train(batches, tmp_path / 'one')

    def half():
        torch.set_num_threads(1)
        with distributed.launch('pytorch'):
            train(batches, tmp_path / 'two')

    assert [ended.code for ended in together([half, half], tmp_path)] == [0, 0]
    close(trained(tmp_path / 'one'), trained(tmp_path / 'two'), atol=1e-4, rtol=0)
    scores = [json.loads((tmp_path / name / 'results.json').read_text())['metrics'] for name in ('one', 'two')]
    assert scores[0] == scores[1]


def test_resuming_within_an_epoch_gives_the_same_weights(folder, tmp_path):
    mixed = config(folder, default_hooks=dict(checkpoint=dict(type='CheckpointHook', interval_steps=1)))
    mixed.train_dataloader.dataset.weights = [2, 1]
    train(mixed, tmp_path / 'straight')
    with pytest.raises(KeyboardInterrupt):
        train(Config(mixed._cfg_dict | dict(custom_hooks=[dict(type='LeaveWithinEpoch')])), tmp_path / 'parts')
    train(mixed, tmp_path / 'parts', resume=True)
    straight, parts = trained(tmp_path / 'straight'), trained(tmp_path / 'parts')
    assert straight.keys() == parts.keys()
    assert all(torch.equal(straight[name], parts[name]) for name in straight)


def test_a_data_set_of_a_modality_without_adaptation_is_refused(folder, tmp_path):
    mixed = config(folder)
    mixed.val_dataloader.dataset.datasets[1].modality = 'video'
    with pytest.raises(ConfigError, match=r"val_dataloader.dataset.datasets.1: .*no adaptation to 'video'"):
        train(mixed, tmp_path)


def test_a_modality_starts_from_a_checkpoint_of_its_own(folder, tmp_path):
    single = config(folder, train_cfg=dict(max_epochs=1), feature_cache=None)
    parts = single.model.pop('adaptations')
    single.model = dict(single.model, type='AugmentedLM', **parts['audio'])
    for split in ('train', 'val', 'test'):
        loader = single[f'{split}_dataloader']
        loader.dataset = loader.dataset.datasets[1]
    train(single, tmp_path / 'single')
    checkpoint = tmp_path / 'single' / 'checkpoints' / 'last'
    still = dict(optimizer=dict(type='SGD', lr=0.0))
    mixed = config(folder, load_from=dict(audio=str(checkpoint)), optim_wrapper=still, train_cfg=dict(max_epochs=1))
    train(mixed, tmp_path / 'mixed')
    begun = trained(tmp_path / 'mixed')
    for name, tensor in trained(tmp_path / 'single').items():
        assert torch.equal(begun[f'adaptations.audio.{name}'], tensor)
    with pytest.raises(CheckpointError, match='connector.projections'):  # of fewer levels
        train(config(folder, load_from=dict(image=str(checkpoint))), tmp_path / 'wrong')
    with pytest.raises(ConfigError, match="load_from names the modality 'audio', and AugmentedLM has no adaptations"):
        train(Config(single._cfg_dict | dict(load_from=dict(audio=str(checkpoint)))), tmp_path / 'wrong')
