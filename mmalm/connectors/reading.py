"""How connectors read whole levels: the deepest level's tokens, its patches, and patches in groups of neighbours.

Legend: B batch, N tokens of a level, n patches of them, r patches of a group, G groups, D width.
"""

import math

from torch import Tensor

from ..encoders.layout import TokenLayout
from ..encoders.perception import Perception
from ..errors import ConfigError


def levels_of(perception: Perception) -> list[Tensor]:
    """All levels, K tensors ``[B, N, D]``.

    Raises:
        ConfigError: only summary tokens were kept.
    """
    if perception.levels is None:
        raise ConfigError(
            'the connector reads all tokens of a level, but only its summary token was kept. A feature cache keeps all of them '
            "with feature_cache=dict(keep='levels'), or keep=None, which keeps what the connector reads."
        )
    return perception.levels


def summary_and_patches(perception: Perception, layout: TokenLayout) -> tuple[Tensor, Tensor]:
    """Of the deepest level, the summary token ``[B, 1, D]`` and the patches ``[B, n, D]``.

    Raises:
        ConfigError: another number of tokens than the encoder gives.
    """
    level = levels_of(perception)[-1]
    if level.shape[1] != layout.count:
        raise ConfigError(
            f'the connector was made for {layout.count} tokens a level, the features have {level.shape[1]}.'
        )
    return perception.cls[-1][:, None] if isinstance(perception.cls, list) else perception.cls[:, -1:], level[
        :, layout.prefix :
    ]


def count_groups(layout: TokenLayout, size: int) -> int:
    """G, for groups of ``size`` patches.

    Raises:
        ConfigError: the patches cannot be grouped so.
    """
    if size < 1 or (layout.grid and math.isqrt(size) ** 2 != size):
        raise ConfigError(
            f'patches on a grid are grouped by squares: reduction must be 1, 4, 9, 16, ..., found {size}.'
        )
    if not layout.grid:
        if layout.patches % size:
            raise ConfigError(
                f'{layout.patches} patches cannot be taken {size} at a time: choose a reduction that divides them.'
            )
    elif any(side % math.isqrt(size) for side in layout.grid):
        rows, columns = layout.grid
        raise ConfigError(
            f'a grid of {rows} x {columns} patches has no squares of {size}: choose a reduction whose root divides both, or '
            "another image_size of the encoder's."
        )
    return layout.patches // size


def in_groups(patches: Tensor, layout: TokenLayout, size: int) -> Tensor:
    """Patches ``[B, n, D]`` as ``[B, G, r, D]``: squares of the grid row by row, or runs of the sequence where there is no grid."""
    batch, _, width = patches.shape
    if not layout.grid:
        return patches.view(batch, -1, size, width)
    rows, columns = layout.grid
    side = math.isqrt(size)
    squares = patches.reshape(batch, rows // side, side, columns // side, side, width).transpose(2, 3)
    return squares.reshape(batch, -1, size, width)
