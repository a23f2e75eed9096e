import json

import pytest
import safetensors.torch
import timm
import torch

from mmalm.encoders import TimmEncoder, TransformersEncoder
from mmalm.errors import ConfigError, MissingDataError

TINY = dict(img_size=32, patch_size=8, embed_dim=24, depth=4, num_heads=2)
SWIN = dict(img_size=64, embed_dim=8, depths=(1,) * 4, num_heads=(1, 1, 2, 2), window_size=2)


def build(name='vit_tiny_patch16_224', *, levels=3, config=TINY, **arguments):
    torch.manual_seed(0)
    encoder = TimmEncoder(name, levels=levels, pretrained=False, config=config, **arguments)
    with torch.no_grad():  # norms and positions start as ones and zeros, which would hide a mistake
        for parameter in encoder.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return encoder


@pytest.mark.parametrize(
    ('name', 'norm', 'prefix'),
    [
        ('vit_tiny_patch16_224', 'norm', 1),
        ('deit_tiny_distilled_patch16_224', 'norm', 2),
        ('eva02_tiny_patch14_224', 'fc_norm', 1),
        ('beit_base_patch16_224', 'fc_norm', 1),
        ('vit_base_patch16_siglip_224', 'norm', 0),
    ],
)
def test_every_level_is_the_block_output_through_the_final_norm(name, norm, prefix):
    encoder = build(name, pooling='cls' if prefix else 'mean')
    outputs, pixels = [], torch.randn(2, 3, 32, 32)
    norm = encoder.model.get_submodule(norm)
    for block in encoder.model.blocks:
        block.register_forward_hook(lambda m, a, out: outputs.append(out))
    perception = encoder(pixels)
    with torch.no_grad():
        expected = [norm(out) for out in outputs[-3:]]
    for level, other in zip(perception.levels, expected, strict=True):
        assert level.shape == (2, 16 + prefix, 24)
        assert torch.equal(level, other)
    summary = [t[:, 0] if prefix else t.mean(1) for t in expected]
    assert torch.equal(perception.cls, torch.stack(summary, 1))


def test_levels_equal_timms_own_normed_intermediates():
    encoder = build()
    pixels = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        own = encoder.model.get_intermediate_layers(pixels, n=3, norm=True, return_prefix_tokens=True)
        last = encoder.model.forward_features(pixels)
    perception = encoder(pixels)
    for level, (patches, prefix) in zip(perception.levels, own, strict=True):
        assert torch.equal(level, torch.cat([prefix, patches], 1))
    assert torch.equal(perception.levels[-1], last)


def test_a_model_that_norms_after_pooling_is_pooled_first():
    encoder = build('beit_base_patch16_224', pooling='mean')
    pixels = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        expected = encoder.model(pixels)
    assert torch.allclose(encoder(pixels).cls[:, -1], expected, atol=1e-6)


@pytest.mark.parametrize('name', ['vit_tiny_patch16_224', 'eva02_tiny_patch14_224'])
def test_a_sample_does_not_depend_on_its_batch(name):
    encoder = build(name)
    pixels = torch.randn(8, 3, 32, 32)
    alone = torch.cat([encoder(p[None]).cls for p in pixels])
    assert (alone - encoder(pixels).cls).abs().max() < 1e-5


@pytest.mark.parametrize(
    ('name', 'config', 'widths', 'tokens'),
    [
        ('tf_efficientnet_lite0', None, [112, 1280], [16, 4]),
        ('convnext_atto', dict(depths=(1,) * 4, dims=(8, 8, 16, 24)), [16, 24], [16, 4]),
        ('swin_tiny_patch4_window7_224', SWIN, [32, 64], [16, 4]),
    ],
)
def test_stages_come_as_a_list_and_the_deepest_is_what_the_head_pools(name, config, widths, tokens):
    encoder = build(name, levels=2, config=config, pooling='mean', image_size=64)
    pixels = torch.randn(2, 3, 64, 64)
    perception = encoder(pixels)
    assert encoder.widths == [c.shape[-1] for c in perception.cls] == widths
    assert encoder.tokens == [t.shape[1] for t in perception.levels] == tokens
    with torch.no_grad():
        expected = encoder.model(pixels)
    assert torch.allclose(perception.cls[-1], expected, atol=1e-5)
    with pytest.raises(ConfigError, match='differ in width'):
        _ = encoder.width
    single = build(name, levels=1, config=config, pooling='mean', image_size=64)
    assert single(pixels).cls.shape == (2, 1, widths[-1]) and single.width == widths[-1]


def test_another_image_size_resamples_positions():
    encoder = build(config=dict(depth=2), levels=2, image_size=(32, 48))
    assert encoder.preprocessing.size == (32, 48)
    assert encoder(torch.randn(1, 3, 32, 48)).levels[0].shape == (1, 7, 192)


def test_dinov2_at_224():
    with torch.device('meta'):
        encoder = TimmEncoder('vit_small_patch14_dinov2', levels=6, image_size=224)
    assert (encoder.width, encoder.tokens[0], encoder.depth) == (384, 257, 12)
    assert encoder.preprocessing.mean == (0.485, 0.456, 0.406)
    assert encoder.preprocessing.interpolation == 'bicubic'


def test_statistics_are_the_models_own_unless_stated():
    assert build().preprocessing.mean == (0.5, 0.5, 0.5)
    stated = build(preprocessing=dict(mean=(0.1, 0.2, 0.3)))
    assert stated.preprocessing.mean == (0.1, 0.2, 0.3)
    assert stated.preprocessing.std == (0.5, 0.5, 0.5)
    assert stated.preprocessing.size == (32, 32)


def test_a_local_folder(tmp_path):
    torch.manual_seed(0)
    model = timm.create_model('vit_tiny_patch16_224', num_classes=0, **TINY).eval()
    safetensors.torch.save_file(model.state_dict(), tmp_path / 'model.safetensors')
    facts = {
        'architecture': 'vit_tiny_patch16_224',
        'model_args': TINY,
        'pretrained_cfg': {'input_size': [3, 32, 32], 'mean': [0.1] * 3, 'std': [0.2] * 3, 'num_classes': 0},
    }
    (tmp_path / 'config.json').write_text(json.dumps(facts))
    encoder = TimmEncoder(str(tmp_path), levels=1)
    pixels = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        assert torch.equal(encoder(pixels).levels[0], model.forward_features(pixels))
    assert encoder.preprocessing.std == (0.2,) * 3
    with pytest.raises(ConfigError, match='use TimmEncoder'):
        TransformersEncoder(str(tmp_path), levels=1)


def test_a_folder_of_transformers_is_named_as_one(tmp_path):
    (tmp_path / 'config.json').write_text(json.dumps({'model_type': 'vit'}))
    with pytest.raises(ConfigError, match='names no timm architecture.*use TransformersEncoder'):
        TimmEncoder(str(tmp_path))


def test_it_is_frozen_and_in_eval():
    encoder = build()
    assert not any(p.requires_grad for p in encoder.parameters())
    assert not any(m.training for m in encoder.model.modules())
    assert not encoder(torch.randn(1, 3, 32, 32)).cls.requires_grad


def test_a_name_that_is_not_cached_says_what_to_do(monkeypatch, tmp_path):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, 'HF_HUB_OFFLINE', True)
    monkeypatch.setattr(constants, 'HF_HUB_CACHE', str(tmp_path))
    with pytest.raises(MissingDataError, match=r'(?s)could not be fetched.*hf download timm/vit.*HF_HOME'):
        TimmEncoder('hf-hub:timm/vit_none')
    with pytest.raises(
        MissingDataError, match=r'(?s)hf download timm/vit_tiny_patch16_224\.augreg_in21k_ft_in1k`.*zoo.py list'
    ):
        TimmEncoder('vit_tiny_patch16_224')


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(model='vit_tinny_patch16_224'), "timm has no model.*Did you mean 'vit_tiny_patch16_224'"),
        (dict(model='vit_tiny_patch16_224', config=dict(dept=3)), 'dept'),
        (dict(model='vit_tiny_patch16_224', config=TINY, levels=5), 'has 4 levels; levels=5'),
        (dict(model='vit_base_patch16_siglip_224', config=TINY, levels=1), 'no CLS token'),
        (dict(model='vit_tiny_patch16_224', config=TINY, levels=1, preprocessing=dict(maen=1)), "Did you mean 'mean'"),
    ],
)
def test_mistakes_are_named(arguments, message):
    with pytest.raises(ConfigError, match=message):
        TimmEncoder(pretrained=False, **arguments)


def test_architecture_and_weights_are_not_mixed():
    with pytest.raises(ConfigError, match='pretrained=False'):
        TimmEncoder('vit_tiny_patch16_224', config=dict(depth=2))


def test_a_zoo_model_builds_on_the_meta_device_before_it_is_fetched(monkeypatch):
    facts = {'architecture': 'vit_tiny_patch16_224', 'model_args': TINY}
    monkeypatch.setattr('mmalm.zoo.architecture', lambda name: facts if name == 'zoo:tiny' else {'model_type': 'vit'})
    with torch.device('meta'):
        encoder = TimmEncoder('zoo:tiny', levels=2)
        assert (encoder.width, encoder.base_model()['fingerprint']) == (24, 'meta')
        with pytest.raises(ConfigError, match='build it with TransformersEncoder'):
            TimmEncoder('zoo:other')
