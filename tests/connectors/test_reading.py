"""Reading whole levels, and grouping their patches."""

import pytest
import torch
from tiny_connectors import LAYOUT, perception

from mmalm.connectors.reading import count_groups, in_groups, summary_and_patches
from mmalm.encoders import Perception, TokenLayout
from mmalm.errors import ConfigError


def test_summary_and_patches() -> None:
    seen = perception()
    summary, patches = summary_and_patches(seen, LAYOUT)
    assert torch.equal(summary[:, 0], seen.cls[:, -1])
    assert torch.equal(patches, seen.levels[-1][:, 1:])


def test_a_pooled_summary_stands_for_a_missing_cls() -> None:
    level = torch.randn(2, 16, 4)
    summary, patches = summary_and_patches(Perception([level.mean(1)], [level]), TokenLayout(16, 0, (4, 4)))
    assert torch.equal(summary, level.mean(1, keepdim=True))
    assert torch.equal(patches, level)


def test_groups_are_squares_of_the_grid() -> None:
    layout = TokenLayout(8, 0, (2, 4))
    numbers = torch.arange(8.0).view(1, 8, 1)  # 0 1 2 3 / 4 5 6 7
    assert in_groups(numbers, layout, 4)[0, :, :, 0].tolist() == [[0, 1, 4, 5], [2, 3, 6, 7]]
    assert count_groups(layout, 4) == 2


def test_without_a_grid_groups_are_runs() -> None:
    layout = TokenLayout(7, 1)
    numbers = torch.arange(6.0).view(1, 6, 1)
    assert in_groups(numbers, layout, 3)[0, :, :, 0].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert count_groups(layout, 3) == 2


@pytest.mark.parametrize(
    ('layout', 'size', 'message'),
    [
        (LAYOUT, 3, 'must be 1, 4, 9, 16, .*found 3'),
        (LAYOUT, 9, '4 x 4 patches has no squares of 9'),
        (TokenLayout(7, 1), 4, '6 patches cannot be taken 4 at a time'),
    ],
)
def test_groups_that_do_not_fit(layout: TokenLayout, size: int, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        count_groups(layout, size)


def test_another_number_of_tokens_is_refused() -> None:
    with pytest.raises(ConfigError, match='made for 17 tokens a level, the features have 10'):
        summary_and_patches(perception(layout=TokenLayout(10, 1)), LAYOUT)
