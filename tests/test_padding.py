"""Padding moved and made."""

import torch

from mmalm.padding import has_gap, pad_left, to_left


def test_pad_left() -> None:
    ids, mask = pad_left([[5, 6, 7], [8]], pad_id=1)
    assert ids.tolist() == [[5, 6, 7], [1, 1, 8]]
    assert mask.tolist() == [[1, 1, 1], [0, 0, 1]]


def test_to_left_keeps_the_order_of_real_tokens() -> None:
    ids, mask = (
        torch.tensor([[5, 6, 1, 1], [1, 7, 1, 8], [1, 2, 3, 4]]),
        torch.tensor([[1, 1, 0, 0], [0, 1, 0, 1], [1] * 4]),
    )
    moved, moved_mask, order = to_left(ids, mask)
    assert moved.tolist() == [[1, 1, 5, 6], [1, 1, 7, 8], [1, 2, 3, 4]]
    assert torch.equal(ids.gather(1, order), moved)
    assert moved_mask.tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [1, 1, 1, 1]]


def test_has_gap() -> None:
    assert not has_gap(torch.tensor([[1, 1, 0], [1, 1, 1]]))
    assert has_gap(torch.tensor([[1, 1, 1], [0, 1, 1]]))
    assert has_gap(torch.tensor([[1, 0, 1]]))
