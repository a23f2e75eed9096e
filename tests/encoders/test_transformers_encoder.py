import pytest
import torch

from mmalm.encoders import TransformersEncoder
from mmalm.errors import ConfigError
from mmalm.registry import ENCODERS

TINY = dict(hidden_size=16, num_hidden_layers=4, num_attention_heads=2, image_size=32, patch_size=8)
MLP = dict(intermediate_size=32)
SWIN = dict(model_type='swin', image_size=64, embed_dim=8, depths=[1] * 4, num_heads=[1, 1, 2, 2], window_size=2)
RESNET = dict(model_type='resnet', embedding_size=8, hidden_sizes=[8, 16, 24, 32], depths=[1] * 4, layer_type='basic')


def build(model_type='vit', *, levels=3, more=MLP, **arguments):
    torch.manual_seed(0)
    encoder = TransformersEncoder(config=dict(model_type=model_type, **TINY, **more), levels=levels, **arguments)
    with torch.no_grad():  # norms and positions start as ones and zeros, which would hide a mistake
        for parameter in encoder.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return encoder


def normed_blocks(encoder, blocks, norm, pixels):
    """norm(block output) of every block, by hooks on the bare model."""
    outputs = []
    handles = [b.register_forward_hook(lambda m, a, out: outputs.append(out)) for b in blocks]
    with torch.no_grad():
        encoder.model(pixel_values=pixels)
        outputs = [norm(out[0] if isinstance(out, tuple) else out) for out in outputs]
    for handle in handles:
        handle.remove()
    return outputs


@pytest.mark.parametrize(
    ('model_type', 'more', 'norm', 'prefix'),
    [
        ('vit', MLP, 'layernorm', 1),
        ('deit', MLP, 'layernorm', 2),
        ('dinov2', {}, 'layernorm', 1),
        ('dinov2_with_registers', {}, 'layernorm', 5),
        ('clip_vision_model', MLP, 'post_layernorm', 1),
        ('siglip_vision_model', MLP, 'post_layernorm', 0),
    ],
)
def test_every_level_is_the_block_output_through_the_final_norm(model_type, more, norm, prefix):
    pooling = 'cls' if prefix else 'mean'
    encoder = build(model_type, more=more, pooling=pooling)
    pixels = torch.randn(2, 3, 32, 32)
    perception = encoder(pixels)
    # where a model keeps its blocks changes from one transformers to the next
    (blocks,) = [m for m in encoder.model.modules() if isinstance(m, torch.nn.ModuleList)]
    expected = normed_blocks(encoder, blocks, encoder.model.get_submodule(norm), pixels)[-3:]
    assert len(perception.levels) == 3
    for level, other in zip(perception.levels, expected, strict=True):
        assert level.shape == (2, 16 + prefix, 16)
        assert torch.equal(level, other)
    summary = [t[:, 0] if prefix else t.mean(1) for t in expected]
    assert torch.equal(perception.cls, torch.stack(summary, 1))


def test_mean_pooling_leaves_cls_and_registers_out():
    encoder = build('dinov2_with_registers', more={}, pooling='mean')
    perception = encoder(torch.randn(2, 3, 32, 32))
    assert torch.equal(perception.cls[:, 1], perception.levels[1][:, 5:].mean(1))


def test_a_model_that_norms_after_pooling_is_pooled_first():
    encoder = build('beit', pooling='mean')
    pixels = torch.randn(2, 3, 32, 32)
    perception = encoder(pixels)
    with torch.no_grad():
        output = encoder.model(pixel_values=pixels)
    assert torch.allclose(perception.cls[:, -1], output.pooler_output, atol=1e-6)


def test_of_a_two_tower_model_the_vision_tower_is_taken():
    config = dict(model_type='clip', vision_config={**TINY, **MLP}, text_config=dict(hidden_size=16))
    encoder = TransformersEncoder(config=config, levels=2)
    assert type(encoder.model).__name__ == 'CLIPVisionModel'
    assert not any('text' in name for name, _ in encoder.named_parameters())


@pytest.mark.parametrize('model_type', ['vit', 'dinov2', 'clip_vision_model'])
def test_a_sample_does_not_depend_on_its_batch(model_type):
    encoder = build(model_type, more={} if model_type == 'dinov2' else MLP)
    pixels = torch.randn(8, 3, 32, 32)
    alone = torch.cat([encoder(p[None]).cls for p in pixels])
    assert (alone - encoder(pixels).cls).abs().max() < 1e-5


def test_stages_of_a_cnn_come_as_a_list():
    encoder = TransformersEncoder(config=RESNET, levels=3, pooling='mean', image_size=64)
    pixels = torch.randn(2, 3, 64, 64)
    perception = encoder(pixels)
    assert encoder.widths == [16, 24, 32]
    assert [tuple(c.shape) for c in perception.cls] == [(2, 16), (2, 24), (2, 32)]
    assert [tuple(t.shape) for t in perception.levels] == [(2, 64, 16), (2, 16, 24), (2, 4, 32)]
    with torch.no_grad():
        last = encoder.model(pixel_values=pixels)
    assert torch.allclose(perception.cls[-1], last.pooler_output.flatten(1), atol=1e-6)
    with pytest.raises(ConfigError, match=r'differ in width \(\[16, 24, 32\]\)'):
        _ = encoder.width


def test_swin_norms_its_deepest_stage_alone():
    encoder = TransformersEncoder(config=SWIN, levels=2, pooling='mean')
    pixels = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        output = encoder.model(pixel_values=pixels, output_hidden_states=True)
    shallow, deep = encoder(pixels).levels
    assert torch.equal(deep, output.last_hidden_state)
    assert torch.equal(shallow, output.hidden_states[-2])


def test_convnext_pools_and_then_norms():
    config = dict(model_type='convnext', hidden_sizes=[8, 8, 16, 16], depths=[1] * 4)
    encoder = TransformersEncoder(config=config, levels=1, pooling='mean', image_size=64)
    pixels = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        output = encoder.model(pixel_values=pixels)
    assert torch.allclose(encoder(pixels).cls[:, 0], output.pooler_output, atol=1e-6)


@pytest.mark.parametrize(('model_type', 'size', 'tokens'), [('vit', 48, 37), ('dinov2', (40, 32), 21)])
def test_another_image_size_interpolates_positions(model_type, size, tokens):
    encoder = build(model_type, more={} if model_type == 'dinov2' else MLP, image_size=size)
    height, width = encoder.preprocessing.size
    assert encoder(torch.randn(1, 3, height, width)).levels[0].shape == (1, tokens, 16)
    assert encoder.tokens == [tokens] * 3


def test_eager_and_sdpa_agree():
    pixels = torch.randn(2, 3, 32, 32)
    eager, sdpa = (build(attention=a) for a in ('eager', 'sdpa'))
    assert eager.model.config._attn_implementation == 'eager'
    assert sdpa.model.config._attn_implementation == 'sdpa'
    assert (eager(pixels).cls - sdpa(pixels).cls).abs().max() < 1e-5


def test_it_is_frozen_in_eval_and_without_gradients():
    encoder = build()
    assert not any(p.requires_grad for p in encoder.parameters())
    assert not any(m.training for m in encoder.model.modules())
    assert not encoder(torch.randn(1, 3, 32, 32)).cls.requires_grad
    assert not encoder.train().model.layernorm.training
    encoder.model.layernorm.weight.requires_grad_(True)
    encoder(torch.randn(1, 3, 32, 32)).cls.sum().backward()
    assert encoder.model.layernorm.weight.grad.abs().sum() > 0


def test_it_builds_on_the_meta_device():
    with torch.device('meta'):
        encoder = build()
    assert (encoder.width, encoder.depth, encoder.tokens) == (16, 4, [17] * 3)
    assert encoder.base_model()['fingerprint'] == 'meta'
    assert all(p.is_meta for p in encoder.parameters())


def test_looking_at_the_shapes_leaves_the_weights_where_they_are():
    encoder = build()
    assert not any(t.is_meta for t in [*encoder.parameters(), *encoder.buffers()])
    assert all(isinstance(p, torch.nn.Parameter) for p in encoder.parameters())


def test_it_is_built_from_the_registry():
    config = dict(type='TransformersEncoder', config=dict(model_type='vit', **TINY, **MLP), levels=2)
    assert ENCODERS.build(config, key='encoder').width == 16


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(config=dict(model_type='vitt')), "no kind of transformers model. Did you mean 'vit'"),
        (dict(config=dict(model_type='vit', hiden_size=8)), "has no 'hiden_size'. Did you mean 'hidden_size'"),
        (dict(config=dict(model_type='vit', **TINY), levels=5), 'has 4 levels; levels=5'),
        (dict(config=dict(model_type='vit', **TINY), levels=0), 'levels must be a positive number'),
        (dict(config=dict(model_type='ijepa', **TINY), levels=1), "no CLS token.*Choose one of 'mean', 'max'"),
        (
            dict(config=dict(model_type='vit', **TINY), levels=1, pooling='clss'),
            "unknown pooling 'clss'. Did you mean 'cls'",
        ),
        (dict(config=dict(model_type='vit', **TINY), levels=1, attention='spda'), "Did you mean 'sdpa'"),
        (dict(config=RESNET, levels=1, pooling='mean', attention='sdpa'), "attention='sdpa' is not for this model"),
        (dict(config=dict(model_type='opt'), levels=1), 'does not take pictures'),
        (dict(config=SWIN, levels=1, pooling='mean', final_norm='nom'), 'is not a module of SwinModel'),
        (dict(config=dict(model_type='vit', **TINY), levels=1, dtype='int8'), "unknown dtype 'int8'"),
        (dict(levels=1), 'needs model='),
        (dict(model='somewhere', config=dict(hidden_size=4)), 'set pretrained=False'),
    ],
)
def test_mistakes_are_named(arguments, message):
    with pytest.raises(ConfigError, match=message):
        TransformersEncoder(**arguments)


@pytest.mark.parametrize(
    ('model_type', 'more'), [('vit', MLP), ('dinov2', {}), ('clip_vision_model', MLP), ('siglip_vision_model', MLP)]
)
def test_every_block_goes_through_the_xformers_route(model_type, more, monkeypatch):
    calls = []

    def stand_in(query, key, value, bias, scale, dropout):
        calls.append((tuple(query.shape), bias))
        return (query @ key.transpose(-1, -2) * scale).softmax(-1) @ value

    encoder = build(model_type, more=more, pooling='mean')
    pixels = torch.randn(2, 3, 32, 32)
    expected = encoder(pixels).cls
    monkeypatch.setattr('mmalm.attention._xformers', stand_in)
    monkeypatch.setattr('mmalm.attention.choose_backend', lambda backend, device: 'xformers')
    monkeypatch.setattr('mmalm.encoders.attention_route.choose_backend', lambda backend, device: 'xformers')
    found = encoder(pixels).cls
    assert len(calls) >= 4 and all(bias is None for _, bias in calls)  # none of them causal
    assert (found - expected).abs().max() < 1e-5


def test_levels_before_the_final_norm_as_dvp_reads_clip():
    encoder = build('clip_vision_model', normed=False)
    pixels = torch.randn(2, 3, 32, 32)
    perception = encoder(pixels)
    with torch.no_grad():
        states = encoder.model(pixel_values=pixels, output_hidden_states=True).hidden_states[-3:]
    # the class token is among them
    assert encoder.tokens == [17] * 3
    assert all(torch.equal(*pair) for pair in zip(perception.levels, states, strict=True))
    assert torch.equal(perception.cls, torch.stack([state[:, 0] for state in states], 1))
    normed = build('clip_vision_model')(pixels)
    assert torch.equal(encoder.model.post_layernorm(states[-1]), normed.levels[-1])
    # where the model norms its last level by itself, too
    vit = build(normed=False)
    with torch.no_grad():
        raw = vit.model(pixel_values=pixels, output_hidden_states=True).hidden_states[-1]
    level = vit(pixels).levels[-1]
    assert torch.equal(level, raw) and not torch.equal(level, vit.model.layernorm(raw))


def test_a_model_of_stages_is_normed_at_its_end_alone():
    with pytest.raises(ConfigError, match='normed=False is for models whose final norm fits every block'):
        TransformersEncoder(config=SWIN, levels=2, pooling='mean', normed=False)
