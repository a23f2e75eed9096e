"""Which split a stamp belongs to: decided by hashes, so that it never changes by itself."""

import re

from .seeded import digest

SPLITS = ('train', 'val', 'test')
# upper ends of each split's share
SHARES = (0.65, 0.80, 1.0)
# beginnings of paths: drawings that differ in a colour or a sign alone go together though their captions differ
FAMILIES = (
    'people/body_parts/eye',
    'people/body_parts/manga_eye',
    'seasonal/hanukkah/dreydl',
    'town/flags/',
    'town/roadsigns/stoplight',
)


def split_of(media: str, caption: str, seed: int) -> str:
    """The split of everything captioned so: equal captions are never on both sides.

    Case, digits and punctuation make no difference.
    """
    words = re.sub(r'[\W\d_]+', ' ', caption.casefold()).strip()
    group = next((family for family in FAMILIES if media.startswith(family)), words)
    share = int.from_bytes(digest(group, str(seed))[:8], 'big') / 2**64
    return next(split for split, end in zip(SPLITS, SHARES, strict=True) if share < end)
