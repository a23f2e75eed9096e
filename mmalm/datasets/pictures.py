"""Picture files: read with their transparency, put on white, found in folders."""

import io
from collections.abc import Collection
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from ..errors import MissingDataError, closest

SVG_WIDTH = 448  # pixels; twice what encoders commonly take
ENDINGS = ('.png', '.jpg', '.jpeg', '.webp', '.gif', '.bmp', '.tif', '.tiff', '.avif', '.svg')
# what Pillow raises for files that are missing, truncated, too large to be meant, or no pictures, and the SVG renderer for its
UNREADABLE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)


def read_rgba(path: Path, upright: bool = False) -> Image.Image:
    """A picture file in RGBA; SVG is drawn 448 pixels wide.

    Args:
        path: the file.
        upright: turn it as the camera noted that it was held; data sets show files as they are.

    Raises:
        one of UNREADABLE.
    """
    source: Any = path
    if path.suffix.lower() == '.svg':
        import resvg_py

        svg = path.read_text(encoding='utf-8', errors='replace')
        # fonts of the machine would make the same file another picture elsewhere
        png = resvg_py.svg_to_bytes(svg_string=svg, width=SVG_WIDTH, dpi=96, skip_system_fonts=True)
        source = io.BytesIO(bytes(png))
    with Image.open(source) as picture:
        return (ImageOps.exif_transpose(picture) if upright else picture).convert('RGBA')


def read_picture(path: Path) -> Image.Image:
    """A picture file in RGB, white where it is transparent.

    Raises:
        one of UNREADABLE.
    """
    if path.suffix.lower() == '.svg':
        return on_white(read_rgba(path))
    with Image.open(path) as picture:
        return on_white(picture)


def on_white(picture: Image.Image) -> Image.Image:
    """A picture in RGB, white where it was transparent."""
    if 'A' not in picture.getbands() and 'transparency' not in picture.info:
        return picture.convert('RGB')
    rgba = picture.convert('RGBA')
    canvas = Image.new('RGBA', rgba.size, (255, 255, 255, 255))
    canvas.alpha_composite(rgba)
    return canvas.convert('RGB')


def why_unreadable(path: Path, error: BaseException) -> str:
    """One line on a picture that could not be read."""
    if not path.exists():
        return f'{path} is not there'
    if path.is_dir():
        return f'{path} is a folder'
    if isinstance(error, UnidentifiedImageError):
        return f'{path} ({path.stat().st_size:,} bytes) is no picture'
    return f'{path} cannot be read: {str(error).split(chr(10))[0]}'


def find_pictures(inputs: list[str], endings: Collection[str] = ENDINGS, what: str = 'pictures') -> list[Path]:
    """The files that paths, folders and globs stand for, each once, in order.

    A folder stands for the picture files in it, or those of other ``endings``, not for those in folders below.

    Raises:
        MissingDataError: names every input that stands for nothing.
    """
    found: dict[Path, None] = {}
    faults = []
    for text in inputs:
        path = Path(text).expanduser()
        if path.is_dir():
            files = sorted(file for file in path.iterdir() if file.is_file() and file.suffix.lower() in endings)
            if not files:
                faults.append(f'{text}: a folder without {what}')
        elif path.exists() or not any(sign in text for sign in '*?['):
            files = [path] if path.exists() else []
            if not files:
                faults.append(f'{text}: not there{_near(path)}')
        else:
            anchor = Path(path.anchor)
            files = sorted(file for file in anchor.glob(str(path.relative_to(anchor))) if file.is_file())
            if not files:
                faults.append(f'{text}: no file has a name like this')
        found.update(dict.fromkeys(files))
    if faults:
        raise MissingDataError('\n'.join([f'No {what} found for:', *(f'  - {fault}' for fault in faults)]))
    return list(found)


def is_picture_name(path: Path) -> bool:
    """Whether a file's ending is one of a picture."""
    return path.suffix.lower() in ENDINGS


def _near(path: Path) -> str:
    names = [file.name for file in path.parent.iterdir()] if path.parent.is_dir() else []
    hint = closest(path.name, names, 1)
    return f'. {hint}' if hint else ''
