"""Pictures as a user hands them over: files, PIL pictures, tensors, arrays.

Legend: B pictures, H height, W width.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from torch import Tensor

from ..errors import ConfigError, MissingDataError
from .pictures import UNREADABLE, read_rgba, why_unreadable

Picture = str | Path | Image.Image | Tensor | np.ndarray


def as_list(image: Picture | Sequence[Picture]) -> tuple[list[Picture], bool]:
    """Pictures as a list, and whether it was a single one; a tensor or array of 4 dimensions is a list."""
    if isinstance(image, (Tensor, np.ndarray)):
        return (list(image), False) if image.ndim == 4 else ([image], True)
    several = isinstance(image, Iterable) and not isinstance(image, (str, bytes, Path, Image.Image))
    return (list(image), False) if several else ([image], True)


def as_rgba(picture: Picture) -> Image.Image:
    """One picture in RGBA, turned upright where a camera noted how it was held.

    Args:
        picture: a file, a PIL picture, a tensor ``[3, H, W]`` or an array ``[H, W, 3]``: uint8, or floats in [0, 1].

    Raises:
        MissingDataError: a file that is not there or is no picture.
        ConfigError: something else than a picture, or pixels out of range.
    """
    if isinstance(picture, (str, Path)):
        path = Path(picture).expanduser()
        try:
            return read_rgba(path, upright=True)
        except UNREADABLE as error:
            raise MissingDataError(f'The picture {why_unreadable(path, error)}.') from error
    if isinstance(picture, Image.Image):
        return ImageOps.exif_transpose(picture).convert('RGBA')
    if isinstance(picture, Tensor):
        _check_shape(picture, 0, 'a tensor', '[3, H, W]')
        return _from_array(picture.detach().cpu().permute(1, 2, 0).numpy())
    if isinstance(picture, np.ndarray):
        _check_shape(picture, -1, 'an array', '[H, W, 3]')
        return _from_array(picture)
    raise ConfigError(f'A picture is a path, a PIL picture, a tensor or an array; found {type(picture).__name__}.')


def _check_shape(values: Tensor | np.ndarray, channels: int, what: str, expected: str) -> None:
    if values.ndim != 3 or values.shape[channels] != 3:
        raise ConfigError(f'A picture as {what} has the shape {expected}; found {list(values.shape)}.')


def _from_array(values: np.ndarray) -> Image.Image:
    if values.dtype != np.uint8:
        if not np.issubdtype(values.dtype, np.floating):
            raise ConfigError(f'Pixels are uint8, or floats in [0, 1]; found {values.dtype}.')
        if not (values.min() >= 0 and values.max() <= 1):
            raise ConfigError(
                f'Pixels as floats are in [0, 1]; found {values.min():.2f} to {values.max():.2f}. '
                'Give the picture as it is: the transform of the checkpoint normalises it.'
            )
        values = (values * 255).round().astype(np.uint8)
    return Image.fromarray(values).convert('RGBA')
