"""Encoders' dry-run stand-ins: the same modules, parameters by name and kind of levels, with tiny widths and pictures."""

import pytest
import torch

from mmalm.encoders import TimmEncoder, TransformersEncoder
from mmalm.encoders.shrinking import on_meta

CASES = [
    (TimmEncoder, dict(model='vit_small_patch16_224.augreg_in21k', levels=6), (32, 32), 64),
    (TimmEncoder, dict(model='vit_small_patch14_reg4_dinov2.lvd142m', levels=2, image_size=224), (42, 42), 64),
    (TimmEncoder, dict(model='resnet18', levels=1, pooling='mean'), (64, 64), 64),
    (TimmEncoder, dict(model='deit_tiny_patch16_224', config=dict(depth=3), pretrained=False), (32, 32), 64),
    (TransformersEncoder, dict(model='zoo:dinov2-small', levels=6), (42, 42), 64),
    (TransformersEncoder, dict(config=dict(model_type='siglip_vision_model'), pooling='mean'), (32, 32), 64),
    (TransformersEncoder, dict(config=dict(model_type='convnext', depths=[1, 1, 2, 1]), levels=1, pooling='mean'), (64, 64), 128),
]  # fmt: skip


@pytest.mark.parametrize(('encoder', 'arguments', 'size', 'width'), CASES, ids=lambda v: str(v)[:40])
def test_the_same_encoder_with_tiny_widths(encoder, arguments, size, width, tmp_path):
    arguments = {'levels': 2, **arguments}
    small, real = encoder(**encoder.shrink(arguments, tmp_path)), on_meta(encoder, arguments)
    assert {n: type(m) for n, m in small.named_modules()} == {n: type(m) for n, m in real.named_modules()}
    assert [name for name, _ in small.named_parameters()] == [name for name, _ in real.named_parameters()]
    assert (small.depth, small.num_levels, small.pooling) == (real.depth, real.num_levels, real.pooling)
    assert small.preprocessing == real.preprocessing.changed(size=size)
    perception = small(torch.rand(2, 3, *size))
    assert perception.cls.shape == (2, small.num_levels, width) and width <= real.widths[-1]


def test_positions_are_interpolated_where_the_real_ones_are(tmp_path):
    # DINOv2's positions are of 518 pixels, its pictures of 224
    small = TransformersEncoder(**TransformersEncoder.shrink({'model': 'zoo:dinov2-small'}, tmp_path))
    assert small._own_size == 56 and small.preprocessing.size == (42, 42)
    vit = TransformersEncoder(**TransformersEncoder.shrink({'config': {'model_type': 'vit'}}, tmp_path))
    assert vit._own_size == 32 and vit.preprocessing.size == (32, 32)
