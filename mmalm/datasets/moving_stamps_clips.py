"""Clips of a stamp that moves, rendered and encoded as real video files."""

import hashlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from ..errors import MissingDataError
from .media.clip_writing import write_clip
from .pictures import UNREADABLE, read_rgba, why_unreadable
from .seeded import digest, hash_order

# columns and rows that a stamp moves on, as a share of its way
WAYS = {'left': (-1, 0), 'right': (1, 0), 'up': (0, -1), 'down': (0, 1)}
BACKGROUNDS = ('plain', 'textured')
FPS = 8
# of the picture's edge: the longer edge of a stamp, least and most; how far it goes; how far the middle of its way may lie off
STAMP, WAY, FREE = (0.5, 0.6), 0.3, 0.2
# squares a side of the texture
SQUARES = 7


@dataclass(frozen=True)
class ClipStyle:
    """How clips look.

    Attributes:
        size: edge of the square picture in pixels, an even number.
        frames: how many.
        background: 'plain', of one light colour, or 'textured', a soft pattern of several.
        ending: '.mp4' (H.264) or '.webm' (VP9).
    """

    size: int = 112
    frames: int = 16
    background: str = 'plain'
    ending: str = '.mp4'

    def key(self, seed: int, root: Path) -> str:
        """A name for the folder of the clips of these looks."""
        content = f'{asdict(self)}:{seed}:{root}:{STAMP}:{WAY}:{FREE}:{SQUARES}:{FPS}'
        return hashlib.sha256(content.encode()).hexdigest()[:16]


def render(stamp: Image.Image, way: str, name: str, seed: int, style: ClipStyle) -> list[np.ndarray]:
    """The frames of a clip.

    Where the middle of the way lies has nothing to do with its direction: neither the frames' mean nor the frame in the middle
    gives that away, and the first or the last alone does so half of the time at most.

    Args:
        stamp: in RGBA.
        way: 'left', 'right', 'up' or 'down'.
        name: of the clip; with ``seed`` it decides size, place and background.

    Returns:
        ``[size, size, 3]`` uint8 for each frame.
    """
    random = np.random.default_rng(int.from_bytes(digest(name, f'{seed}:clip')[:8], 'big'))
    edge = random.uniform(*STAMP) * style.size
    scale = edge / max(stamp.size)
    stamp = stamp.resize([max(1, round(side * scale)) for side in stamp.size], Image.Resampling.BICUBIC)
    ground = _ground(random, style)
    middle = style.size * (0.5 + random.uniform(-FREE, FREE, 2))
    found = []
    for share in np.linspace(-0.5, 0.5, style.frames):
        corner = middle + share * WAY * style.size * np.array(WAYS[way]) - np.array(stamp.size) / 2
        frame = ground.copy()
        frame.paste(stamp, tuple(round(place) for place in corner), stamp)
        found.append(np.asarray(frame))
    return found


def make_clip(path: Path, picture: Path, way: str, name: str, seed: int, style: ClipStyle) -> None:
    """Write a clip of a stamp; it is there whole or not at all. See :func:`render`.

    Raises:
        MissingDataError: the stamp cannot be read.
    """
    try:
        stamp = read_rgba(picture)
    except UNREADABLE as error:
        raise MissingDataError(
            f'{why_unreadable(picture, error)}.\nBring it back with: python tools/zoo.py fetch tuxpaint-stamps'
        ) from error
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix='.clip.', dir=path.parent) as folder:
        draft = Path(folder) / f'clip{style.ending}'
        write_clip(draft, render(stamp, way, name, seed, style), FPS)
        os.replace(draft, path)


def directions(names: Sequence[str], seed: int) -> dict[str, str]:
    """Which way each stamp of a split goes: as many each way, up to one."""
    ordered = hash_order(names, f'{seed}:way')
    return {name: list(WAYS)[number % len(WAYS)] for number, name in enumerate(ordered)}


def _ground(random: np.random.Generator, style: ClipStyle) -> Image.Image:
    colour = random.integers(170, 256, 3)
    if style.background == 'plain':
        return Image.new('RGB', (style.size, style.size), tuple(colour.tolist()))
    squares = np.clip(colour + random.integers(-60, 61, (SQUARES, SQUARES, 3)), 0, 255).astype(np.uint8)
    return Image.fromarray(squares).resize((style.size, style.size), Image.Resampling.BICUBIC)
