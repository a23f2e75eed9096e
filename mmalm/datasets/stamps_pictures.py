"""Stamps as pictures: PNG read and SVG drawn, on a white square."""

import io
from pathlib import Path
from typing import Any

from PIL import Image

from ..errors import MissingDataError

SVG_WIDTH = 448  # pixels; twice what encoders commonly take
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
        return on_white_square(_read(path))
    except (OSError, ValueError, SyntaxError) as error:  # Pillow's and the SVG renderer's complaints
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


def _read(path: Path) -> Image.Image:
    source: Any = path
    if path.suffix == '.svg':
        import resvg_py

        svg = path.read_text(encoding='utf-8', errors='replace')
        # fonts of the machine would make the same file another picture elsewhere
        png = resvg_py.svg_to_bytes(svg_string=svg, width=SVG_WIDTH, dpi=96, skip_system_fonts=True)
        source = io.BytesIO(bytes(png))
    with Image.open(source) as picture:
        return picture.convert('RGBA')
