"""Pictures of a VQA data set: all there, and read."""

import os
from collections.abc import Collection, Sequence
from pathlib import Path

from PIL import Image

from ..errors import MissingDataError
from .pictures import on_white

WHERE = 'Download the COCO pictures and keep their folder names (docs/vqa.md), or name the folder above them: images='


def check_pictures(images: Path, wanted: Sequence[str], known: Collection[str]) -> int:
    """See that all pictures are there, by one listing of each folder.

    Args:
        images: the folder that holds 'train2014' and its like.
        wanted: keys of the pictures needed, '<folder>/<file>'.
        known: keys of all pictures that are asked about, whether needed or not.

    Returns:
        how many .jpg files in those folders are not asked about.

    Raises:
        MissingDataError: a folder or pictures are missing.
    """
    there: set[str] = set()
    for folder in dict.fromkeys(key.split('/')[0] for key in wanted):
        try:
            there |= {f'{folder}/{name}' for name in os.listdir(images / folder)}
        except OSError as error:
            found = sorted(path.name for path in images.iterdir() if path.is_dir()) if images.is_dir() else []
            raise MissingDataError(
                f'The folder of pictures {images / folder} cannot be listed: {error.strerror}. '
                f'Folders in {images}: {", ".join(found[:8]) or "none"}.\n{WHERE}'
            ) from error
    missing = [key for key in wanted if key not in there]
    if missing:
        more = f' and {len(missing) - 3:,} more' if len(missing) > 3 else ''
        raise MissingDataError(
            f'{len(missing):,} of {len(wanted):,} pictures that questions are asked about are not in {images}: '
            f'{", ".join(missing[:3])}{more}.\n{WHERE}'
        )
    return len({key for key in there if key.endswith('.jpg')}.difference(known))


def read_picture(path: Path) -> Image.Image:
    """A picture in RGB.

    Raises:
        one of :data:`~mmalm.datasets.pictures.UNREADABLE`.
    """
    with Image.open(path) as picture:
        return on_white(picture)
