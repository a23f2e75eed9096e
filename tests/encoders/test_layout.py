"""How an encoder's tokens lie."""

import pytest
import torch
from tiny_pictures import VIT

from mmalm.encoders import TokenLayout
from mmalm.encoders.layout import covered, grid_of
from mmalm.registry import ENCODERS


@pytest.mark.parametrize(
    ('patches', 'size', 'grid'),
    [(64, (112, 112), (8, 8)), (128, (112, 224), (8, 16)), (49, (224, 224), (7, 7)), (7, (32, 32), None)],
)
def test_grid(patches: int, size: tuple[int, int], grid: tuple[int, int] | None) -> None:
    assert grid_of(patches, size) == grid


def test_an_encoder_tells_its_patches_from_the_rest() -> None:
    encoder = ENCODERS.build(
        dict(type='TransformersEncoder', config={**VIT, 'image_size': [32, 64], 'patch_size': 16}, levels=2)
    )
    assert encoder.layout == TokenLayout(count=9, prefix=1, grid=(2, 4))
    assert encoder.layout.patches == 8


@pytest.mark.parametrize(
    ('grid', 'patch', 'size', 'shares'),
    [
        ((16, 16), (14, 14), (224, 224), (1, 1)),
        ((6, 7), (14, 14), (90, 98), (84 / 90, 1)),
        ((7, 7), (4, 4), (224, 224), (1, 1)),  # a pyramid: stages put patches together
        ((7, 7), None, (224, 224), (1, 1)),
    ],
)
def test_how_much_of_a_picture_lies_under_its_grid(grid, patch, size, shares) -> None:
    assert covered(grid, patch, size) == shares


@pytest.mark.parametrize(
    'config',
    [
        dict(type='TransformersEncoder', config={**VIT, 'image_size': 36, 'patch_size': 16}, levels=1),
        dict(
            type='TimmEncoder',
            model='vit_tiny_patch16_224',
            pretrained=False,
            image_size=36,
            config=dict(depth=1, embed_dim=8, num_heads=2),
            levels=1,
        ),
    ],
    ids=['transformers', 'timm'],
)
def test_pixels_beyond_whole_patches_are_not_looked_at(config) -> None:
    encoder = ENCODERS.build(config)
    size = encoder.preprocessing.size
    assert encoder.patch_size == (16, 16) and covered(encoder.layout.grid, (16, 16), size) == (32 / 36, 32 / 36)
    pixels = torch.zeros(1, 3, *size, requires_grad=True)
    encoder(pixels).levels[-1].square().sum().backward()
    seen = pixels.grad.abs().amax((0, 1)) > 0
    assert seen[:32, :32].all() and not seen[32:].any() and not seen[:, 32:].any()
