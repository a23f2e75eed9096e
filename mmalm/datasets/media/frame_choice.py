"""Which frames of a clip are looked at: one of each of F equal intervals (eP-ALM, arXiv 2303.11403; TSN, arXiv 1608.00859)."""

import torch

from ...errors import ConfigError, check_choice

CHOICES = ('middle', 'random')


def choose_frames(count: int, wanted: int, choice: str = 'middle') -> list[int]:
    """One frame of each interval, in order; of a clip with fewer frames than intervals some are taken more than once.

    Args:
        count: frames of the clip.
        wanted: F, how many equal intervals it is cut into.
        choice: 'middle', always the same; 'random', each drawn from its interval by torch's global generator.

    Raises:
        ConfigError: no frames, none wanted, or an unknown choice.
    """
    check_choice('frames', 'choice', choice, CHOICES)
    if count < 1 or wanted < 1:
        raise ConfigError(f'{wanted} frames of a clip of {count} were asked for: both are 1 or more.')
    return middle_frames(count, wanted) if choice == 'middle' else random_frames(count, wanted)


def middle_frames(count: int, wanted: int) -> list[int]:
    """The frame in the middle of each interval."""
    return [(2 * interval + 1) * count // (2 * wanted) for interval in range(wanted)]


def random_frames(count: int, wanted: int) -> list[int]:
    """One of the frames that begin in each interval; the frame in its middle where none does."""
    # the first frame that begins in an interval: its left edge, rounded up
    edges = [-(-interval * count // wanted) for interval in range(wanted + 1)]
    drawn = torch.rand(wanted).tolist()
    return [
        first + int(share * (end - first)) if end > first else middle
        for first, end, share, middle in zip(edges, edges[1:], drawn, middle_frames(count, wanted), strict=False)
    ]
