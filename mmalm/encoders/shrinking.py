"""Encoders shrunk for dry runs: which tiny architecture still has the real one's build."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import torch

from ..errors import MmalmError
from ..shrinking import architecture_of, shrink_widths
from .base import Encoder
from .preprocessing import size_pair

SMALLEST = 32  # pixels
SIZES = (32, 64, 96, 128, 160)
# what a model raises when it cannot be built with the widths or the size tried
_MISFITS = (MmalmError, RuntimeError, AssertionError, TypeError, ValueError, IndexError, ZeroDivisionError)


def on_meta(encoder: type[Encoder], arguments: Mapping[str, Any]) -> Encoder:
    """The encoder on the meta device: its shapes, without weights."""
    with torch.device('meta'):
        return encoder(**arguments)


def first_alike(real: Encoder, candidates: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The first of some arguments that build an encoder like the real one.

    Alike are encoders with the same modules, parameters by name, levels and kind of levels.

    Args:
        real: on the meta device.
        candidates: arguments of its class, best first; the last of them are taken unseen.
    """
    *tried, last = candidates
    for arguments in tried:
        try:
            small = on_meta(type(real), arguments)
        except _MISFITS:
            continue
        if _build(small) == _build(real):
            return arguments
    return last


def _build(encoder: Encoder) -> tuple:
    modules = {name: type(module) for name, module in encoder.named_modules()}
    # a level of CLS and patches must not come out as a level of one token
    several = [count > 1 for count in encoder.tokens]
    return modules, [name for name, _ in encoder.named_parameters()], encoder.depth, encoder.uniform, several


def small_sizes(real: Encoder, patch: int | tuple[int, int] | None) -> Iterator[tuple[int, int]]:
    """Picture sizes to try, smallest first: two patches a side or more, and 32 pixels or more.

    Args:
        real: its own size is the last.
        patch: of a model that sees all patches at one resolution; None for pyramids, which halve the picture again and again.
    """
    own = real.preprocessing.size
    if patch is not None and real.uniform:
        sizes = [tuple(side * max(2, -(-SMALLEST // side)) for side in size_pair(patch))]
    else:
        sizes = [(size, size) for size in SIZES]
    yield from (size for size in sizes if size < own)
    yield own


def small_config(
    facts: Mapping[str, Any], narrow: bool, size: tuple[int, int], own_size: tuple[int, int]
) -> dict[str, Any]:
    """The ``config`` argument of a model like this one for pictures of ``size``.

    Args:
        facts: the real model's configuration.
        narrow: with tiny widths.
        size: of the pictures.
        own_size: of the real pictures: where they are not what the real model's positions were made for, these are not
            either, so that positions are interpolated in both.
    """
    small = shrink_widths(facts) if narrow else architecture_of(facts)
    stated = facts.get('image_size')
    if stated is not None:
        patch = facts.get('patch_size') or 1
        fits = size_pair(stated) == tuple(own_size)
        grown = [edge if fits else edge + side for edge, side in zip(size, size_pair(patch), strict=True)]
        small['image_size'] = grown[0] if isinstance(stated, int) else grown
    return small
