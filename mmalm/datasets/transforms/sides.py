"""Left and right: what is said of a picture's sides is wrong of its mirror image."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from torch import Tensor

_SIDES = re.compile(r'\b(left|right)(most|hand|side|ward|wards)?\b', re.IGNORECASE)


def speaks_of_sides(text: str) -> bool:
    """Whether a text has the word left or right, in whatever sense."""
    return bool(_SIDES.search(text))


def seen(transform: Callable[..., Tensor], media: Any, texts: Iterable[str]) -> Tensor:
    """``transform(media)``, never mirrored where a text that goes with it speaks of sides.

    Args:
        transform: says by ``mirrors`` that it mirrors now and then, unless called with ``mirror=False``.
        media: what it takes.
        texts: what is asked and answered.
    """
    if getattr(transform, 'mirrors', False) and any(speaks_of_sides(text) for text in texts):
        return transform(media, mirror=False)
    return transform(media)
