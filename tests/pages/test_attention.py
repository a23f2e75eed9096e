import numpy as np
import pytest
from PIL import Image

from mmalm.pages.attention import LEAST_LIGHT, NONE_AT, UNSEEN, WHOLE, Attention
from mmalm.pages.drawings import heat

GREY = 100
LIGHT = LEAST_LIGHT + (1 - LEAST_LIGHT) * GREY / 255


def attention(patches, size=(12, 6), region=WHOLE):
    return Attention(Image.new('RGB', size, (GREY, GREY, GREY)), np.array(patches), elsewhere=0.25, region=region)


def colour(share):
    return LIGHT * heat(np.array(NONE_AT + (1 - NONE_AT) * share))


def test_each_patch_lies_where_the_encoder_has_it():
    drawn = np.asarray(attention([[0.0, 0.1, 0.0], [0.4, 0.0, 0.0]]).overlay(side=60))
    assert drawn.shape == (30, 60, 3)
    blocks = drawn.reshape(2, 15, 3, 20, 3)
    assert (blocks == blocks[:, :1, :, :1]).all()  # each patch of one colour, none over its edges
    colours = blocks[:, 0, :, 0].astype(int)
    for place, share in np.ndenumerate(np.array([[0.0, 0.25, 0.0], [1.0, 0.0, 0.0]])):
        assert np.abs(colours[place] - colour(share)).max() <= 0.5, place


def test_upright_pictures_and_patches_that_do_not_divide_them():
    drawn = np.asarray(attention([[1.0], [0.0], [0.0]], size=(5, 10)).overlay(side=100))
    assert drawn.shape == (100, 50, 3)
    bright = (drawn != drawn[-1, -1]).any(-1)
    assert bright[:33].all() and not bright[33:].any()


def test_the_grid_lies_over_the_part_that_is_seen():
    # the middle third of a broad picture, all of its height but the lowest fifth
    found = attention([[0.0, 0.5], [0.0, 0.0]], size=(60, 20), region=(1 / 3, 0.0, 2 / 3, 0.8))
    drawn = np.asarray(found.overlay(side=300)).astype(float)
    assert drawn.shape == (100, 300, 3)
    expected = np.empty_like(drawn)
    expected[:] = LIGHT * np.array(UNSEEN)
    expected[:80, 100:200] = colour(0.0)
    expected[:40, 150:200] = colour(1.0)
    assert np.abs(drawn - expected).max() <= 0.5


def test_the_picture_is_seen_where_it_is_bright_and_where_it_is_dark():
    picture = Image.new('RGB', (4, 2), 'white')
    picture.paste('black', (0, 1, 4, 2))
    drawn = np.asarray(Attention(picture, np.array([[0.0, 1.0]]), 0.0).overlay(side=4)).astype(float)
    for column, share in ((0, NONE_AT), (3, 1.0)):
        assert np.abs(drawn[0, column] - heat(np.array(share))).max() <= 0.5
        assert np.abs(drawn[1, column] - LEAST_LIGHT * heat(np.array(share))).max() <= 0.5


def test_no_attention_on_any_patch_shows_the_dark_picture():
    found = attention([[0.0, 0.0]])
    assert found.most == 0 and np.abs(np.asarray(found.overlay(side=8)) - colour(0.0)).max() <= 0.5


def test_shares_that_are_no_grid_are_refused():
    with pytest.raises(ValueError, match='finite'):
        attention([[np.nan]])
    with pytest.raises(ValueError, match=r'found \(2,\)'):
        attention([0.5, 0.5])
