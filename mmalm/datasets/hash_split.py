"""Splits decided by hashes, so that they never change by themselves."""

from .seeded import digest

SPLITS = ('train', 'val', 'test')
# upper ends of each split's share
SHARES = (0.65, 0.80, 1.0)
TURNS = 5


def split_of_group(group: str, seed: int, turn: int = 0) -> str:
    """The split of everything of this group.

    Args:
        group: what must not be on two sides, such as a text.
        seed: of the hash.
        turn: 0 to 4: the shares turned by so many fifths. The test splits of the five turns share nothing, and together are
            all there is.
    """
    share = int.from_bytes(digest(group, str(seed))[:8], 'big') / 2**64
    share = (share + turn / TURNS) % 1
    return next(split for split, end in zip(SPLITS, SHARES, strict=True) if share < end)
