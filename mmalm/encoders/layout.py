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
