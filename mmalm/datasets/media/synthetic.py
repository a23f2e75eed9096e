"""Tiny media made up on the spot, in real file formats: for dry runs and tests."""

from pathlib import Path

import numpy as np
from PIL import Image

SIZE = (32, 40)  # height and width in pixels
FRAMES, FPS = 8, 8
SECONDS, RATE = 0.5, 16_000  # of sound; rate in Hz
ENDINGS = {'image': '.jpg', 'video': '.mp4', 'audio': '.wav'}


def write_media(path: Path, modality: str, seed: int) -> None:
    """A file of a modality, whose content follows from ``seed``; one that is there stays.

    Args:
        path: the file; its ending says the format.
        modality: 'image', 'video' or 'audio'.
        seed: of what it holds.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _WRITERS[modality](path, np.random.default_rng(seed))


def _picture(path: Path, random: np.random.Generator) -> None:
    Image.fromarray(random.integers(0, 256, (*SIZE, 3), dtype=np.uint8)).save(path)


def _video(path: Path, random: np.random.Generator) -> None:
    import av

    with av.open(str(path), 'w') as file:
        stream = file.add_stream('mpeg4', rate=FPS)
        stream.height, stream.width = SIZE
        stream.pix_fmt = 'yuv420p'
        for _ in range(FRAMES):
            # of one colour each: noise would be most of what a codec keeps
            frame = np.full((*SIZE, 3), random.integers(0, 256, 3), dtype=np.uint8)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(frame)))
        file.mux(stream.encode())


def _sound(path: Path, random: np.random.Generator) -> None:
    import soundfile

    time = np.arange(int(SECONDS * RATE)) / RATE
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * random.uniform(200, 2000) * time), RATE)


_WRITERS = {'image': _picture, 'video': _video, 'audio': _sound}
