"""Stamps as pictures: PNG read and SVG drawn, on a white square."""

from pathlib import Path

from PIL import Image

from ..errors import MissingDataError
from .pictures import SVG_WIDTH, UNREADABLE, read_rgba

# what decides the pixels of a file, for the key of cached features
SPEC = {'background': 'white', 'svg_size': SVG_WIDTH, 'square': True}


def read_stamp(path: Path, of: str) -> Image.Image:
    """A stamp in RGB, composited on a white square.

    Args:
        path: a PNG or SVG file.
        of: whose picture it is, for the error.

    Raises:
        MissingDataError: the file is missing, truncated, or no picture.
    """
    try:
        return on_white_square(read_rgba(path))
    except UNREADABLE as error:
        what = 'is missing' if not path.exists() else f'cannot be read ({error})'
        raise MissingDataError(
            f'the picture {path} of {of} {what}.\n'
            'Check the stamps with: python tools/zoo.py verify tuxpaint-stamps\n'
            'and bring back what is damaged with: python tools/zoo.py fetch tuxpaint-stamps'
        ) from error


def on_white_square(picture: Image.Image) -> Image.Image:
    """Composite an RGBA picture on white, centred on a square as wide as its longer side."""
    side = max(picture.size)
    canvas = Image.new('RGBA', (side, side), (255, 255, 255, 255))
    canvas.alpha_composite(picture, ((side - picture.width) // 2, (side - picture.height) // 2))
    return canvas.convert('RGB')
