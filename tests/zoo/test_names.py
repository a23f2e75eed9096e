import pytest

from mmalm.errors import ConfigError, MissingDataError
from mmalm.zoo import CATALOG, architecture, resolve


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
    assert [name for name, facts in known.items() if facts is None] == ['tuxpaint-stamps']
    assert architecture('facebook/opt-125m') is None
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
