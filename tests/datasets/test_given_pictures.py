import numpy as np
import pytest
import torch
from PIL import Image

from mmalm.datasets.given_pictures import as_list, as_rgba
from mmalm.errors import ConfigError, MissingDataError

PIXELS = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    'picture',
    [
        PIXELS,
        PIXELS.astype(np.float32) / 255,
        torch.from_numpy(PIXELS).permute(2, 0, 1),
        torch.from_numpy(PIXELS).permute(2, 0, 1) / 255,
        Image.fromarray(PIXELS),
    ],
    ids=['array', 'float array', 'tensor', 'float tensor', 'PIL'],
)
def test_one_picture_however_it_is_given(picture):
    assert as_list(picture)[1]
    found = as_rgba(picture)
    assert found.mode == 'RGBA' and found.size == (7, 5)
    assert np.array_equal(np.asarray(found)[..., :3], PIXELS) and np.asarray(found)[..., 3].min() == 255


def test_files_and_lists(tmp_path):
    Image.fromarray(PIXELS).save(tmp_path / 'x.png')
    pictures, single = as_list([tmp_path / 'x.png', str(tmp_path / 'x.png'), PIXELS])
    assert not single and all(np.array_equal(np.asarray(as_rgba(p))[..., :3], PIXELS) for p in pictures)
    assert as_list(str(tmp_path / 'x.png')) == ([str(tmp_path / 'x.png')], True)
    assert as_list(None) == ([None], True) and as_list(b'abc') == ([b'abc'], True)
    several, single = as_list(torch.zeros(4, 3, 2, 2))
    assert len(several) == 4 and several[0].shape == (3, 2, 2) and not single


@pytest.mark.parametrize(
    ('picture', 'message'),
    [
        (torch.zeros(2, 2), r'a tensor has the shape \[3, H, W\]; found \[2, 2\]'),
        (torch.zeros(5, 7, 3), r'a tensor has the shape \[3, H, W\]; found \[5, 7, 3\]'),
        (np.zeros((3, 5, 7)), r'an array has the shape \[H, W, 3\]; found \[3, 5, 7\]'),
        (torch.full((3, 2, 2), -0.5), r'in \[0, 1\]; found -0.50 to -0.50'),
        (torch.full((3, 2, 2), float('nan')), r'in \[0, 1\]; found nan'),
        (np.zeros((2, 2, 3), dtype=np.int64), 'found int64'),
        (7, 'found int'),
    ],
)
def test_what_is_no_picture(picture, message):
    with pytest.raises(ConfigError, match=message):
        as_rgba(picture)


def test_files_that_are_no_pictures(tmp_path):
    (tmp_path / 'x.png').write_text('text')
    with pytest.raises(MissingDataError, match=r'x.png \(4 bytes\) is no picture'):
        as_rgba(tmp_path / 'x.png')
    with pytest.raises(MissingDataError, match='y.png is not there'):
        as_rgba(str(tmp_path / 'y.png'))
