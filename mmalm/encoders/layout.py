"""How the tokens of an encoder's deepest level lie: which are patches, and on what grid."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TokenLayout:
    """The tokens of the deepest level, for connectors that read them.

    Attributes:
        count: N, all tokens.
        prefix: the first so many are no patches: CLS, registers, distillation.
        grid: rows and columns of the patches, row by row; None where they do not make one (sound, several frames).
    """

    count: int
    prefix: int = 0
    grid: tuple[int, int] | None = None

    @property
    def patches(self) -> int:
        """Tokens that are patches."""
        return self.count - self.prefix


def grid_of(patches: int, size: tuple[int, int]) -> tuple[int, int] | None:
    """Rows and columns of so many square patches of a picture of ``size`` (height, width); None where they do not fit it."""
    rows = round((patches * size[0] / size[1]) ** 0.5)
    return (rows, patches // rows) if rows and patches % rows == 0 else None


def covered(grid: tuple[int, int], patch: tuple[int, int] | None, size: tuple[int, int]) -> tuple[float, float]:
    """Shares of a picture's height and width that lie under its grid, from the upper left.

    Args:
        grid: rows and columns.
        patch: height and width in pixels of patches that lie side by side; None where patches are no such squares, and then the
            grid is taken to lie over all.
        size: height and width of the picture in pixels; what whole patches leave of it is not seen.
    """
    if patch is None or any(n != pixels // p for n, p, pixels in zip(grid, patch, size, strict=True)):
        return 1.0, 1.0
    return grid[0] * patch[0] / size[0], grid[1] * patch[1] / size[1]
