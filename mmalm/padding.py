"""Padding of token ids to one side.

Legend: B batch, L text length.
"""

from collections.abc import Sequence

import torch
from torch import Tensor


def pad_left(rows: Sequence[Sequence[int]], pad_id: int, device: torch.device | str = 'cpu') -> tuple[Tensor, Tensor]:
    """Ids ``[B, L]`` and mask ``[B, L]`` of token lists, padded on the left to the longest."""
    length = max(len(row) for row in rows)
    ids = torch.tensor([[pad_id] * (length - len(row)) + list(row) for row in rows], device=device)
    mask = torch.tensor([[0] * (length - len(row)) + [1] * len(row) for row in rows], device=device)
    return ids, mask


def pad_right(rows: Sequence[Sequence[int]], pad_id: int, device: torch.device | str = 'cpu') -> tuple[Tensor, Tensor]:
    """Ids ``[B, L]`` and mask ``[B, L]`` of token lists, padded on the right to the longest."""
    ids, mask = pad_left([row[::-1] for row in rows], pad_id, device)
    return ids.flip(1), mask.flip(1)


def to_left(ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Move all padding of ``ids [B, L]`` to the left, keeping the order of real tokens; generation continues from the right.

    Returns:
        ids, mask, and ``[B, L]`` the column each one came from.
    """
    order = mask.long().argsort(dim=-1, stable=True)
    return ids.gather(-1, order), mask.gather(-1, order), order


def has_gap(mask: Tensor) -> bool:
    """Whether some padding stands before a real token, so that positions are not simply the column numbers."""
    return bool((mask[:, :-1] < mask[:, 1:]).any())
