import numpy as np
import pytest
from PIL import Image

from mmalm.pages.attention import DIMMED, LEAST_SHOWN, Attention
from mmalm.pages.drawings import heat

GREY = 100


def attention(patches, size=(12, 6)):
    return Attention(Image.new('RGB', size, (GREY, GREY, GREY)), np.array(patches), elsewhere=0.25)


def test_each_patch_lies_where_the_encoder_has_it():
    drawn = np.asarray(attention([[0.0, 0.1, 0.0], [0.4, 0.0, 0.0]]).overlay(side=60))
    assert drawn.shape == (30, 60, 3)
    blocks = drawn.reshape(2, 15, 3, 20, 3)
    assert (blocks == blocks[:, :1, :, :1]).all()  # each patch of one colour, none over its edges
    colours = blocks[:, 0, :, 0].astype(int)
    most = LEAST_SHOWN * DIMMED * GREY + (1 - LEAST_SHOWN) * heat(np.array(1.0))
    assert np.abs(colours[1, 0] - most).max() <= 0.5
    quarter = 1 - (1 - LEAST_SHOWN) / 4
    assert np.abs(colours[0, 1] - (quarter * DIMMED * GREY + (1 - quarter) * heat(np.array(0.25)))).max() <= 0.5
    assert (colours[0, [0, 2]] == round(DIMMED * GREY)).all() and (colours[1, 1:] == round(DIMMED * GREY)).all()


def test_upright_pictures_and_patches_that_do_not_divide_them():
    drawn = np.asarray(attention([[1.0], [0.0], [0.0]], size=(5, 10)).overlay(side=100))
    assert drawn.shape == (100, 50, 3)
    bright = (drawn != drawn[-1, -1]).any(-1)
    assert bright[:34].all() and not bright[34:].any()


def test_no_attention_on_any_patch_shows_the_dim_picture():
    found = attention([[0.0, 0.0]])
    assert found.most == 0 and (np.asarray(found.overlay(side=8)) == round(DIMMED * GREY)).all()


def test_shares_that_are_no_grid_are_refused():
    with pytest.raises(ValueError, match='finite'):
        attention([[np.nan]])
    with pytest.raises(ValueError, match=r'found \(2,\)'):
        attention([0.5, 0.5])
