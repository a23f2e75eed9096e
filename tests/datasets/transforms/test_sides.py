"""Pictures and clips of whose sides something is said are never mirrored; all others are, every other time."""

import numpy as np
import pytest
import torch
from PIL import Image

from mmalm.datasets.rows import Row, RowsDataset
from mmalm.datasets.transforms import VideoTransform
from mmalm.datasets.transforms.sides import seen, speaks_of_sides
from mmalm.encoders.video_preprocessing import VideoPreprocessing

HALVES = np.zeros((8, 8, 3), np.uint8)
HALVES[:, :4] = 255  # white on the left
MIRROR = dict(scale=(1.0, 1.0), randaugment=None)
STATISTICS = dict(size=(8, 8), mean=(0.0,) * 3, std=(1.0,) * 3)


@pytest.mark.parametrize(
    ('text', 'expected'),
    [
        ('What is left of the dog?', True),
        ('Which hand, LEFT or right?', True),
        ('the rightmost cup', True),
        ('a left-handed player', True),
        ('moving leftwards', True),
        ('Is it bright, with leftovers?', False),
        ('', False),
    ],
)
def test_texts(text, expected):
    assert speaks_of_sides(text) == expected


def sides(images):
    """Which half is white: 'left', 'right', or both over time."""
    return {'left' if image[..., 0].mean() > image[..., -1].mean() else 'right' for image in images}


def rows(*texts):
    return [Row(f'r{i}', 'a.png', 'vqa', question, answers) for i, (question, *answers) in enumerate(texts)]


@pytest.mark.parametrize(('flip', 'sided', 'other'), [(True, 1, 2), (False, 1, 1), ('always', 2, 2)])
def test_it_is_decided_for_each_sample(tmp_path, flip, sided, other):
    Image.fromarray(HALVES).save(tmp_path / 'a.png')
    given = rows(
        ('What is left of it?', 'a cup'), ('Where is it?', 'outside', 'on the right'), ('What is it?', 'a cup')
    )
    transform = dict(type='ImageTransform', augment=dict(flip=flip, **MIRROR))
    options = dict(preprocessing=STATISTICS, transform=transform)
    data = RowsDataset(given, tmp_path, **options)
    torch.manual_seed(0)
    found = [sides(data[i]['pixels'] for _ in range(20)) for i in range(3)]
    assert [len(one) for one in found] == [sided, sided, other]
    assert bool(data.notes) == (flip == 'always')
    # one sample for each answer: each text decides for itself
    each = RowsDataset(given[1:2], tmp_path, each_answer=True, **options)
    assert [len(sides(each[i]['pixels'] for _ in range(20))) for i in range(2)] == [other, sided]


class Clip:
    count = 4

    def frames(self, indices):
        return np.stack([HALVES] * len(indices))


def test_a_clip_is_mirrored_as_a_whole_or_not_at_all():
    torch.manual_seed(0)
    transform = VideoTransform(VideoPreprocessing(frames=2, **STATISTICS), augment=dict(flip=True, **MIRROR))
    assert sides(seen(transform, Clip(), ['it goes left']) for _ in range(20)) == {'left'}
    found = [sides(seen(transform, Clip(), ['it goes up'])) for _ in range(20)]
    assert {len(one) for one in found} == {1} and set().union(*found) == {'left', 'right'}
