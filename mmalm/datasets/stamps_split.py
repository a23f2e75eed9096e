"""Which split a stamp belongs to, and seeded orders: decided by hashes, so that they never change by themselves."""

import hashlib
import re
from collections.abc import Sequence

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
    share = int.from_bytes(_digest(group, str(seed))[:8], 'big') / 2**64
    return next(split for split, end in zip(SPLITS, SHARES, strict=True) if share < end)


def hash_order(names: Sequence[str], seed: str) -> list[str]:
    """``names`` shuffled; those that stay keep their order when others come or go."""
    return sorted(names, key=lambda name: _digest(name, seed))


def _digest(name: str, seed: str) -> bytes:
    return hashlib.sha256(f'{seed}:{name}'.encode()).digest()
