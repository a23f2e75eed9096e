"""How an encoder's tokens lie."""

import pytest
from tiny_pictures import VIT

from mmalm.encoders import TokenLayout
from mmalm.encoders.layout import grid_of
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
