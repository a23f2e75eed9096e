"""Which split a stamp belongs to: decided by hashes, so that it never changes by itself."""

import re

from .hash_split import SPLITS, split_of_group

__all__ = ['SPLITS', 'split_of']
# beginnings of paths: drawings that differ in a colour or a sign alone go together though their captions differ
FAMILIES = (
    'people/body_parts/eye',
    'people/body_parts/manga_eye',
    'seasonal/hanukkah/dreydl',
    'town/flags/',
    'town/roadsigns/stoplight',
)


def split_of(media: str, caption: str, seed: int, turn: int = 0) -> str:
    """The split of everything captioned so: equal captions are never on both sides.

    Case, digits and punctuation make no difference. See :func:`~.hash_split.split_of_group` for ``turn``.
    """
    words = re.sub(r'[\W\d_]+', ' ', caption.casefold()).strip()
    group = next((family for family in FAMILIES if media.startswith(family)), words)
    return split_of_group(group, seed, turn)
