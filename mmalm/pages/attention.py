"""What a prompt attends to, laid over the picture as the encoder sees it."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from .drawings import heat
from .thumbnails import SIDE

# how much of the picture shows through where most attention is, and its contrast where none is
LEAST_SHOWN, DIMMED = 0.35, 0.45


@dataclass(frozen=True)
class Attention:
    """The attention of one sample's prompt; means over heads and prompt tokens.

    Attributes:
        picture: as the encoder is given it.
        patches: ``[rows, columns]``, the share of each patch.
        elsewhere: the share of what is no patch: CLS and other prefix tokens.
    """

    picture: Image.Image
    patches: np.ndarray
    elsewhere: float

    def __post_init__(self) -> None:
        if self.patches.ndim != 2 or not np.isfinite(self.patches).all():
            raise ValueError(f'shares of patches must be finite [rows, columns], found {self.patches.shape}.')

    @property
    def most(self) -> float:
        """The largest share of a patch."""
        return float(self.patches.max())

    def overlay(self, side: int = SIDE) -> Image.Image:
        """The picture, grey and dim, with each patch the brighter the larger its share of the largest.

        Args:
            side: pixels of its longer edge.
        """
        width, height = self.picture.size
        scale = side / max(width, height)
        size = max(round(width * scale), 1), max(round(height * scale), 1)
        grey = np.asarray(self.picture.convert('L').resize(size, Image.Resampling.LANCZOS), dtype=float)
        rows, columns = self.patches.shape
        across = np.arange(size[0]) * columns // size[0]
        down = np.arange(size[1]) * rows // size[1]
        shares = (self.patches / (self.most or 1.0))[down][:, across]
        visible = (1 - (1 - LEAST_SHOWN) * shares)[..., None]
        mixed = visible * DIMMED * grey[..., None] + (1 - visible) * heat(shares)
        return Image.fromarray(mixed.clip(0, 255).round().astype(np.uint8))
