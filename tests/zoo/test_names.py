import json

import pytest
from huggingface_hub import constants

from mmalm.errors import ConfigError, MissingDataError
from mmalm.zoo import CATALOG, architecture, closest_model, local_file, resolve, shipped_architecture


def test_zoo_names_become_folders(zoo_home):
    with pytest.raises(MissingDataError) as caught:
        resolve('zoo:dinov2-small')
    assert 'python tools/zoo.py fetch dinov2-small' in str(caught.value) and 'MMALM_HOME' in str(caught.value)
    (zoo_home / 'zoo' / 'dinov2-small').mkdir(parents=True)
    assert resolve('zoo:dinov2-small') == str(zoo_home / 'zoo' / 'dinov2-small')


def test_paths_and_hub_names_stay(tmp_path, monkeypatch):
    monkeypatch.setenv('HOME', str(tmp_path))
    (tmp_path / 'model').mkdir()
    assert resolve(str(tmp_path / 'model')) == str(tmp_path / 'model')
    assert resolve('~/model') == str(tmp_path / 'model')
    assert resolve('facebook/opt-125m') == 'facebook/opt-125m'


@pytest.mark.parametrize('function', [resolve, architecture])
def test_an_unknown_name_brings_the_closest(function):
    with pytest.raises(ConfigError, match=r"the zoo holds no 'dino-small'\. Did you mean 'dinov2-small'.*whisper-tiny"):
        function('zoo:dino-small')


def test_models_have_an_architecture_before_they_are_fetched():
    known = {item.name: architecture(f'zoo:{item.name}') for item in CATALOG}
    assert [name for name, facts in known.items() if facts is None] == [
        'tuxpaint-stamps',
        'asterisk-speech',
        'asterisk-transcripts',
    ]
    assert architecture('some/model') is None and architecture('facebook/opt-125m')['hidden_size'] == 768
    assert known['smollm2-135m-instruct']['hidden_size'] == 576
    assert known['efficientnet-lite0']['architecture'] == 'tf_efficientnet_lite0'


@pytest.mark.parametrize(
    ('name', 'parameters'),
    [
        ('smollm2-135m-instruct', 134_515_008),
        ('dinov2-small', 22_056_576),
        ('minilm-l6', 22_713_216),
        ('whisper-tiny-en', 37_760_256),
    ],
)
def test_architectures_build_at_their_size_on_the_meta_device(name, parameters):
    import torch
    import transformers

    facts = architecture(f'zoo:{name}')
    facts.pop('preprocessing', None)
    kind = getattr(transformers, facts['architectures'][0])
    with torch.device('meta'):
        model = kind(transformers.AutoConfig.for_model(**facts))
    assert sum(p.numel() for p in model.parameters()) == parameters


@pytest.fixture
def hub_cache(tmp_path, monkeypatch):
    """The hub's cache, with one model's config in it."""
    repository = tmp_path / 'cache' / 'models--facebook--opt-125m'
    (repository / 'snapshots' / 'abc').mkdir(parents=True)
    (repository / 'refs').mkdir()
    (repository / 'refs' / 'main').write_text('abc')
    (repository / 'snapshots' / 'abc' / 'config.json').write_text(json.dumps({'model_type': 'opt', 'hidden_size': 5}))
    monkeypatch.setattr(constants, 'HF_HUB_CACHE', str(tmp_path / 'cache'))
    return tmp_path / 'cache'


def test_the_shipped_architecture_stands_back_behind_a_folder_and_the_hub_cache(hub_cache, tmp_path, monkeypatch):
    assert shipped_architecture('facebook/opt-125m') is None
    assert json.loads(local_file('facebook/opt-125m', 'config.json').read_text())['hidden_size'] == 5
    assert local_file('facebook/opt-125m', 'preprocessor_config.json') is None
    assert shipped_architecture('facebook/opt-350m')['word_embed_proj_dim'] == 512
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / 'facebook' / 'opt-350m'
    folder.mkdir(parents=True)
    assert shipped_architecture('facebook/opt-350m') is None and local_file('facebook/opt-350m', 'config.json') is None
    (folder / 'config.json').write_text('{}')
    assert local_file('facebook/opt-350m', 'config.json').samefile(folder / 'config.json')


def test_names_the_hub_could_not_have_are_in_no_cache():
    assert local_file('a/b/c', 'config.json') is None and shipped_architecture('a/b/c') is None


@pytest.mark.parametrize(
    ('name', 'hint'),
    [('facebook/opt-2.7', "'facebook/opt-2.7b'"), ('opt-1.3b', "'facebook/opt-1.3b'"), ('gpt2-x', "'gpt2-xl'")],
)
def test_the_closest_known_model_is_named(name, hint):
    assert hint in closest_model(name)


def test_nothing_is_suggested_for_a_known_or_a_faraway_name():
    assert closest_model('facebook/opt-2.7b') == closest_model('xyzzy') == ''
