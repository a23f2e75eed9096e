import base64
import io

import numpy as np
import pytest
import torch
from PIL import Image

from mmalm.pages.thumbnails import BUDGET, MOST, SIDE, Thumbnails, denormalised


def noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))


def content(address: str) -> bytes:
    head, _, body = address.partition(',')
    assert head == 'data:image/webp;base64'
    return base64.b64decode(body)


def test_a_picture_keeps_its_shape_and_colour():
    picture = Image.new('RGB', (600, 300), (200, 40, 10))
    seen = Image.open(io.BytesIO(content(Thumbnails(1)(picture))))
    assert seen.size == (SIDE, SIDE // 2)
    assert np.allclose(np.asarray(seen.convert('RGB')).mean((0, 1)), (200, 40, 10), atol=6)


def test_a_small_picture_is_not_enlarged():
    assert Image.open(io.BytesIO(content(Thumbnails(1)(noise(20, 30))))).size == (20, 30)


@pytest.mark.parametrize('count', [1, 200, 1000])
def test_pictures_stay_within_the_budget_together(count):
    one = Thumbnails(count)(noise(500, 500))  # the worst there is to compress
    assert len(content(one)) <= MOST
    assert len(one) * count <= BUDGET * 1.01 or count == 1


def test_normalisation_is_undone():
    mean, std = (0.4, 0.5, 0.6), (0.2, 0.3, 0.1)
    original = torch.tensor([0.0, 0.2, 1.0])[:, None, None].expand(3, 2, 4)
    normalised = (original - torch.tensor(mean)[:, None, None]) / torch.tensor(std)[:, None, None]
    picture = denormalised(normalised, mean, std)
    assert picture.size == (4, 2) and picture.getpixel((3, 1)) == (0, 51, 255)
