import json

import pytest
import torch
import transformers
from huggingface_hub import constants

from mmalm.encoders import TransformersEncoder
from mmalm.errors import CheckpointError, ConfigError, MissingDataError

TINY = dict(
    hidden_size=16, num_hidden_layers=3, num_attention_heads=2, intermediate_size=32, image_size=32, patch_size=8
)
PROCESSOR = {
    'image_processor_type': 'ViTImageProcessor',
    'image_mean': [0.1, 0.2, 0.3],
    'image_std': [0.4, 0.5, 0.6],
    'size': {'height': 32, 'width': 32},
    'resample': 2,
}


@pytest.fixture
def no_hub(monkeypatch, tmp_path):
    """An empty hub cache, and nothing beyond it."""
    monkeypatch.setattr(constants, 'HF_HUB_OFFLINE', True)
    monkeypatch.setattr(constants, 'HF_HUB_CACHE', str(tmp_path))
    return tmp_path


def save(model, folder, processor=PROCESSOR):
    model.save_pretrained(folder)
    if processor:
        (folder / 'preprocessor_config.json').write_text(json.dumps(processor))
    return str(folder)


def vit(seed=0):
    torch.manual_seed(seed)
    return transformers.ViTModel(transformers.ViTConfig(**TINY)).eval()


def test_a_local_folder_gives_its_weights_and_its_own_statistics(tmp_path):
    model = vit()
    encoder = TransformersEncoder(save(model, tmp_path), levels=1)
    pixels = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        expected = model(pixels).last_hidden_state
    assert torch.equal(encoder(pixels).levels[0], expected)
    assert encoder.preprocessing.mean == (0.1, 0.2, 0.3)
    assert encoder.preprocessing.interpolation == 'bilinear'
    assert encoder.base_model()['name'] == str(tmp_path)


def test_the_fingerprint_is_that_of_the_weights(tmp_path):
    first, second = tmp_path / 'a', tmp_path / 'b'
    prints = [
        TransformersEncoder(save(vit(s), f), levels=1).base_model()['fingerprint'] for s, f in [(0, first), (1, second)]
    ]
    again = TransformersEncoder(str(first), levels=1).base_model()['fingerprint']
    assert prints[0] == again != prints[1]


def test_heads_that_the_weights_lack_do_not_change_the_fingerprint(tmp_path):
    torch.manual_seed(0)
    folder = save(transformers.ViTForImageClassification(transformers.ViTConfig(**TINY)), tmp_path)
    prints = set()
    for seed in (1, 2):  # the pooler, which no level passes through, is random each time
        torch.manual_seed(seed)
        prints.add(TransformersEncoder(folder, levels=1).base_model()['fingerprint'])
    assert len(prints) == 1


def test_the_vision_tower_of_a_clip_checkpoint(tmp_path):
    torch.manual_seed(0)
    text = dict(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, vocab_size=50)
    text |= dict(bos_token_id=1, eos_token_id=2)
    clip = transformers.CLIPModel(
        transformers.CLIPConfig(vision_config=TINY, text_config=text, projection_dim=8)
    ).eval()
    encoder = TransformersEncoder(save(clip, tmp_path), levels=2)
    pixels = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        expected = clip.vision_model(pixel_values=pixels).pooler_output
    assert torch.equal(encoder(pixels).cls[:, -1], expected)


def test_weights_of_another_model_are_refused(tmp_path):
    folder = save(vit(), tmp_path)
    config = json.loads((tmp_path / 'config.json').read_text())
    (tmp_path / 'config.json').write_text(json.dumps({**config, 'num_hidden_layers': 5}))
    with pytest.raises(CheckpointError, match=r'lack \d+ tensors of ViTModel'):
        TransformersEncoder(folder, levels=1)


def test_without_statistics_the_config_must_state_them(tmp_path):
    folder = save(vit(), tmp_path, processor=None)
    with pytest.raises(ConfigError, match=r'its mean, std .*preprocessing=dict\(mean'):
        TransformersEncoder(folder, levels=1)
    encoder = TransformersEncoder(folder, levels=1, preprocessing=dict(mean=[0.5] * 3, std=[0.25] * 3))
    assert encoder.preprocessing.std == (0.25,) * 3
    assert encoder.preprocessing.size == (32, 32)


def test_a_hub_name_that_is_not_cached_says_what_to_do(no_hub):
    with pytest.raises(MissingDataError, match=r'(?s)not a local folder.*hf download some/vit.*HF_HOME'):
        TransformersEncoder('some/vit')


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(MissingDataError, match='does not hold a model: config.json'):
        TransformersEncoder(str(tmp_path))
    (tmp_path / 'config.json').write_text('{')
    with pytest.raises(MissingDataError, match='does not hold a model: config.json'):
        TransformersEncoder(str(tmp_path))


def test_a_named_architecture_with_random_weights(tmp_path):
    folder = save(vit(), tmp_path)
    encoder = TransformersEncoder(folder, pretrained=False, config=dict(hidden_size=8), levels=3)
    assert encoder.width == 8
    with pytest.raises(ConfigError, match="Did you mean 'hidden_size'"):
        TransformersEncoder(folder, pretrained=False, config=dict(hiden_size=8))


def test_a_zoo_model_builds_on_the_meta_device_before_it_is_fetched(monkeypatch):
    shipped = dict(size=16, mean=(0.1,) * 3, std=(0.2,) * 3)
    facts = {'model_type': 'vit', **TINY, 'architectures': ['ViTModel'], 'preprocessing': shipped}
    monkeypatch.setattr('mmalm.zoo.shipped_architecture', lambda name: facts if name == 'zoo:tiny' else None)
    with torch.device('meta'):
        encoder = TransformersEncoder('zoo:tiny', levels=3)
    assert (encoder.width, encoder.depth, encoder.tokens) == (16, 3, [5, 5, 5])
    assert encoder.preprocessing.mean == (0.1,) * 3
    assert encoder.base_model() == {'name': 'zoo:tiny', 'class': 'ViTModel', 'fingerprint': 'meta'}


@pytest.mark.parametrize(
    ('name', 'parameters', 'tokens', 'mean'),
    [
        ('google/vit-large-patch16-224', 304_351_232, 197, 0.5),
        ('openai/clip-vit-large-patch14-336', 303_507_456, 577, 0.48145466),
        ('facebook/dinov2-base', 86_580_480, 257, 0.485),
    ],
)
def test_a_hub_model_builds_on_the_meta_device_without_network(no_hub, name, parameters, tokens, mean):
    with torch.device('meta'):
        encoder = TransformersEncoder(name, levels=6)
    assert sum(p.numel() for p in encoder.parameters()) == parameters
    assert encoder.tokens == [tokens] * 6 and encoder.preprocessing.mean[0] == mean


def test_a_config_in_the_hub_cache_wins_over_the_shipped_one(no_hub):
    snapshot = no_hub / 'models--google--vit-base-patch16-224' / 'snapshots' / 'abc'
    snapshot.mkdir(parents=True)
    (snapshot / 'config.json').write_text(json.dumps({'model_type': 'vit', **TINY}))
    (snapshot / 'preprocessor_config.json').write_text(json.dumps(PROCESSOR))
    (snapshot.parents[1] / 'refs').mkdir()
    (snapshot.parents[1] / 'refs' / 'main').write_text('abc')
    with torch.device('meta'):
        encoder = TransformersEncoder('google/vit-base-patch16-224', levels=3)
    assert (encoder.width, encoder.tokens[0]) == (16, 17)
    assert (encoder.preprocessing.mean, encoder.preprocessing.interpolation) == ((0.1, 0.2, 0.3), 'bilinear')


def test_an_unknown_hub_name_brings_the_closest_that_are_known(no_hub):
    with torch.device('meta'), pytest.raises(MissingDataError, match="Did you mean 'facebook/dinov2-small'"):
        TransformersEncoder('facebook/dinov2-smal')


def test_a_changed_image_size_is_the_size_of_the_pictures(no_hub):
    small = dict(hidden_size=24, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8, image_size=64)
    encoder = TransformersEncoder('google/vit-base-patch16-224', pretrained=False, levels=1, config=small)
    assert (encoder.tokens, encoder.preprocessing.size) == ([17], (64, 64))
