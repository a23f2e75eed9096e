"""What a prompt attends to, laid over the picture."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from .drawings import heat
from .thumbnails import SIDE

# light of the darkest place of a picture, so that black things show how bright their patch is, too
LEAST_LIGHT = 0.3
# where on the scale of colours no attention stands: below it nothing of the picture would be seen
NONE_AT = 0.25
UNSEEN = (70.0, 74.0, 82.0)
WHOLE = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True)
class Attention:
    """The attention of one sample's prompt; means over heads and prompt tokens.

    Attributes:
        picture: the whole picture.
        patches: ``[rows, columns]``, the share of each patch.
        elsewhere: the share of what is no patch: CLS and other prefix tokens.
        region: where the grid of patches lies, as shares of the picture's width and height: left, top, right, bottom.
    """

    picture: Image.Image
    patches: np.ndarray
    elsewhere: float
    region: tuple[float, float, float, float] = WHOLE

    def __post_init__(self) -> None:
        if self.patches.ndim != 2 or not np.isfinite(self.patches).all():
            raise ValueError(f'shares of patches must be finite [rows, columns], found {self.patches.shape}.')

    @property
    def most(self) -> float:
        """The largest share of a patch."""
        return float(self.patches.max())

    def overlay(self, side: int = SIDE) -> Image.Image:
        """The picture in the light of each patch, the brighter the larger its share of the largest; grey where no patch lies.

        Args:
            side: pixels of its longer edge.
        """
        width, height = self.picture.size
        scale = side / max(width, height)
        size = max(round(width * scale), 1), max(round(height * scale), 1)
        grey = np.asarray(self.picture.convert('L').resize(size, Image.Resampling.LANCZOS), dtype=float)
        light = LEAST_LIGHT + (1 - LEAST_LIGHT) * grey / 255
        left, top, right, bottom = self.region
        rows, columns = self.patches.shape
        down, row_seen = _places(size[1], top, bottom, rows)
        across, column_seen = _places(size[0], left, right, columns)
        shares = (self.patches / (self.most or 1.0))[down][:, across]
        seen = row_seen[:, None] & column_seen
        colours = np.where(seen[..., None], heat(NONE_AT + (1 - NONE_AT) * shares), UNSEEN)
        return Image.fromarray((light[..., None] * colours).clip(0, 255).round().astype(np.uint8))


def _places(pixels: int, start: float, end: float, patches: int) -> tuple[np.ndarray, np.ndarray]:
    """The patch ``[pixels]`` that each pixel's centre lies in, and whether it lies in one."""
    places = ((np.arange(pixels) + 0.5) / pixels - start) / (end - start) * patches
    return places.clip(0, patches - 1).astype(int), (places >= 0) & (places < patches)
