"""Which weights and data a config names, and whether they are here."""

import pytest
from huggingface_hub import constants

from mmalm.engine.dry_run.presence import look


@pytest.fixture(autouse=True)
def empty_machine(tmp_path, monkeypatch):
    monkeypatch.setenv('MMALM_HOME', str(tmp_path / 'home'))
    monkeypatch.setattr(constants, 'HF_HUB_CACHE', str(tmp_path / 'hub'))
    monkeypatch.chdir(tmp_path)


def model(**parts):
    return {'model': {'type': 'AugmentedLM', **parts}}


def found(config):
    return {presence.path: (presence.name, presence.here) for presence in look(config)}


def test_zoo_items(tmp_path):
    config = model(encoder={'type': 'TransformersEncoder', 'model': 'zoo:dinov2-small'})
    config['train_dataloader'] = {'dataset': {'type': 'StampsDataset', 'split': 'train'}}
    config['val_dataloader'] = {'dataset': {'type': 'StampsDataset', 'split': 'val'}}
    (tmp_path / 'home' / 'zoo' / 'dinov2-small').mkdir(parents=True)
    # the data set's root is its default, and is told once
    assert found(config) == {
        'model.encoder.model': ('zoo:dinov2-small', True),
        'train_dataloader.dataset.root': ('zoo:tuxpaint-stamps', False),
    }


def test_hub_models(tmp_path):
    config = model(
        encoder={'type': 'TimmEncoder', 'model': 'vit_base_patch16_224.augreg_in21k'},
        language_model={'type': 'CausalLM', 'model': 'facebook/opt-2.7b'},
    )
    expected = {
        'model.encoder.model': ('vit_base_patch16_224.augreg_in21k', False),
        'model.language_model.model': ('facebook/opt-2.7b', False),
    }
    assert found(config) == expected
    for repository, file in (
        ('timm--vit_base_patch16_224.augreg_in21k', 'model.safetensors'),
        ('facebook--opt-2.7b', 'x'),
    ):
        folder = tmp_path / 'hub' / f'models--{repository}' / 'snapshots' / 'abc'
        folder.mkdir(parents=True)
        (folder / file).touch()
    # a config.json alone would not do either
    assert found(config) == {**expected, 'model.encoder.model': ('vit_base_patch16_224.augreg_in21k', True)}
    assert [p.remark for p in look(config) if not p.here] == ['hf download facebook/opt-2.7b']


def test_local_folders_and_files(tmp_path):
    (tmp_path / 'lm').mkdir()
    config = model(
        encoder={'type': 'TimmEncoder', 'model': 'resnet18', 'pretrained': False},
        language_model={'type': 'CausalLM', 'model': 'lm', 'tokenizer': 'tokenizer/folder'},
    )
    config['train_dataloader'] = {
        'dataset': {'type': 'VQAv2Dataset', 'root': 'vqa', 'questions': ['a/q.json', 'a/p.json']}
    }
    config['load_from'] = 'runs/best'
    assert (
        found(config)
        == {
            'model.language_model.model': ('lm', True),
            'model.language_model.tokenizer': ('tokenizer/folder', False),
            'train_dataloader.dataset.questions': ('a/p.json', False),
            'load_from': ('runs/best', False),
        }
        | {}
    )


def test_a_pattern_names_no_file():
    dataset = {'type': 'AudioCapsDataset', 'split': 'train', 'name': '{youtube_id}.wav'}
    assert found({'train_dataloader': {'dataset': dataset}}) == {
        'train_dataloader.dataset.root': ('data/audiocaps', False)
    }
