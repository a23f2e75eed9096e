import pytest
import torch
from timm.layers import use_fused_attn

import mmalm.encoders.timm_attention as timm_attention
from mmalm.attention import attention
from mmalm.encoders import TimmEncoder
from mmalm.errors import ConfigError

TINY = dict(img_size=32, patch_size=8, embed_dim=24, depth=2, num_heads=2)


def build(name, kernel):
    torch.manual_seed(0)
    return TimmEncoder(name, levels=2, pretrained=False, config=TINY, attention=kernel)


@pytest.mark.parametrize('name', ['vit_tiny_patch16_224', 'eva02_tiny_patch14_224'])
def test_eager_and_sdpa_agree(name):
    pixels = torch.randn(2, 3, 32, 32)
    eager, sdpa = build(name, 'eager'), build(name, 'sdpa')
    assert not eager.model.blocks[0].attn.fused_attn
    assert sdpa.model.blocks[0].attn.fused_attn
    assert (eager(pixels).cls - sdpa(pixels).cls).abs().max() < 1e-5


@pytest.mark.parametrize('fused', [True, False])
def test_building_leaves_timms_switch_as_it_was(fused):
    from timm.layers import set_fused_attn

    before = use_fused_attn()
    set_fused_attn(fused)
    try:
        build('vit_tiny_patch16_224', 'eager')
        assert use_fused_attn() is fused
    finally:
        set_fused_attn(before)


@pytest.mark.parametrize('name', ['vit_tiny_patch16_224', 'eva02_tiny_patch14_224'])
def test_every_block_goes_through_the_chosen_kernel(name, monkeypatch):
    calls = []

    def recorded(query, key, value, backend, scale, dropout):
        calls.append((tuple(query.shape), backend))
        return attention(query, key, value, backend='eager', scale=scale, dropout=dropout)

    encoder = build(name, 'auto')
    pixels = torch.randn(2, 3, 32, 32)
    expected = encoder(pixels).cls
    assert calls == []
    monkeypatch.setattr(timm_attention, 'choose_backend', lambda backend, device: 'xformers')
    monkeypatch.setattr(timm_attention, 'attention', recorded)
    routed = encoder(pixels).cls
    assert calls == [((2, 2, 17, 12), 'xformers')] * 2
    assert (routed - expected).abs().max() < 1e-5


def test_masked_attention_is_left_to_timm(monkeypatch):
    monkeypatch.setattr(timm_attention, 'attention', None)
    query, mask = torch.randn(1, 1, 3, 4), torch.ones(3, 3).tril().bool()
    expected = torch.nn.functional.scaled_dot_product_attention(query, query, query, attn_mask=mask)
    with timm_attention._Routed('xformers'):
        found = torch.nn.functional.scaled_dot_product_attention(query, query, query, attn_mask=mask)
    assert torch.equal(found, expected)


def test_xformers_is_refused_off_cuda():
    encoder = build('vit_tiny_patch16_224', 'xformers')
    with pytest.raises(ConfigError, match='xformers'):
        encoder(torch.randn(1, 3, 32, 32))
