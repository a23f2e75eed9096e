"""Clips written as video files: the same frames give the same file."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from ...errors import ConfigError

CODECS = {'.mp4': 'libx264', '.webm': 'libvpx-vp9'}
# one thread: how a picture is coded depends on how it is cut up among them
OPTIONS = {
    'libx264': {'crf': '20', 'threads': '1'},
    'libvpx-vp9': {'crf': '30', 'b': '0', 'cpu-used': '4', 'threads': '1'},
}


def write_clip(
    path: Path,
    frames: Sequence[np.ndarray],
    fps: int,
    codec: str | None = None,
    options: Mapping[str, str] | None = None,
    times: Sequence[int] | None = None,
) -> None:
    """Encode frames as a video that browsers play.

    Args:
        path: the file, '.mp4' or '.webm'; its folder is there.
        frames: ``[h, w, 3]`` uint8 in RGB, all of one size, of even height and width.
        fps: frames a second.
        codec: another than the ending's own.
        options: the codec's, besides those that make it deterministic.
        times: when each frame is shown, in milliseconds; evenly unless told.

    Raises:
        ConfigError: another ending, frames of odd size, or none.
    """
    codec = codec or CODECS.get(path.suffix)
    if codec is None:
        raise ConfigError(f'{path.name}: clips are written as {" or ".join(CODECS)}.')
    shapes = sorted({picture.shape[:2] for picture in frames})
    if len(shapes) != 1 or any(edge % 2 for edge in shapes[0]):
        found = ', '.join(f'{width} x {height}' for height, width in shapes) or 'none'
        raise ConfigError(f'{path.name}: frames of one size, in even numbers, are wanted; found {found}.')
    unit = Fraction(1, fps) if times is None else Fraction(1, 1000)
    # without the random identity and the version that files are stamped with
    with av.open(str(path), 'w', options={'fflags': '+bitexact'}) as file:
        stream = file.add_stream(codec, rate=fps, options={**OPTIONS.get(codec, {}), **(options or {})})
        stream.pix_fmt = 'yuv420p'
        stream.height, stream.width = shapes[0]
        stream.codec_context.time_base = unit
        for time, picture in zip(times or range(len(frames)), frames, strict=True):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture))
            frame.time_base, frame.pts = unit, time
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
