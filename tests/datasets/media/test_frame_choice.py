import pytest
import torch

from mmalm.datasets.media.frame_choice import choose_frames
from mmalm.errors import ConfigError


@pytest.mark.parametrize(
    ('count', 'wanted', 'expected'),
    [
        (16, 4, [2, 6, 10, 14]),
        (10, 4, [1, 3, 6, 8]),
        (4, 4, [0, 1, 2, 3]),
        (1, 3, [0, 0, 0]),
        (2, 4, [0, 0, 1, 1]),
        (3, 8, [0, 0, 0, 1, 1, 2, 2, 2]),
        (9, 1, [4]),
    ],
)
def test_the_middle_of_each_interval_and_the_nearest_where_there_are_too_few(count, wanted, expected):
    assert choose_frames(count, wanted) == expected


@pytest.mark.parametrize(('count', 'wanted'), [(16, 4), (10, 4), (7, 3), (5, 5), (100, 8)])
def test_at_random_every_frame_is_drawn_from_its_interval_alone(count, wanted):
    drawn = [set(column) for column in zip(*(choose_frames(count, wanted, 'random') for _ in range(600)), strict=True)]
    assert [len(d) for d in drawn] == [
        sum(i * count <= f * wanted < (i + 1) * count for f in range(count)) for i in range(wanted)
    ]
    # together every frame once
    assert sorted(f for d in drawn for f in d) == list(range(count))


def test_at_random_a_short_clip_is_repeated_in_order():
    for _ in range(20):
        frames = choose_frames(3, 8, 'random')
        assert frames == sorted(frames) and set(frames) == {0, 1, 2}


def test_the_draw_follows_from_the_seed():
    torch.manual_seed(3)
    first = choose_frames(100, 5, 'random')
    torch.manual_seed(3)
    assert choose_frames(100, 5, 'random') == first != choose_frames(100, 5, 'random')


def test_bad_requests_are_refused():
    with pytest.raises(ConfigError, match=r"unknown choice 'midle'. Did you mean 'middle'"):
        choose_frames(4, 2, 'midle')
    with pytest.raises(ConfigError, match='0 frames of a clip of 4'):
        choose_frames(4, 0)
