"""Seeded orders and exchanges, decided by hashes, so that they stay the same on every machine and when other names come or go."""

import hashlib
from collections.abc import Sequence

from ..errors import ConfigError


def digest(name: str, seed: str) -> bytes:
    """A hash of ``name``, another one under every seed."""
    return hashlib.sha256(f'{seed}:{name}'.encode()).digest()


def hash_order(names: Sequence[str], seed: str) -> list[str]:
    """``names`` shuffled; those that stay keep their order when others come or go."""
    return sorted(names, key=lambda name: digest(name, seed))


def exchange(media: Sequence[str], seed: int, owner: str) -> dict[str, str]:
    """Give every picture another one: each the next in a shuffled circle.

    Args:
        media: keys of the pictures.
        seed: of the circle.
        owner: the data set's name, for the error.

    Raises:
        ConfigError: fewer than two pictures, or no seed.
    """
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise ConfigError(f'{owner}: shuffle_media is a seed, a whole number; found {seed!r}.')
    if len(media) < 2:
        raise ConfigError(f'{owner}: shuffle_media needs two pictures or more to exchange; found {len(media)}.')
    circle = hash_order(media, f'{seed}:exchange')
    return dict(zip(circle, circle[1:] + circle[:1], strict=True))
