"""Video files, decoded frame by frame by PyAV: the same index is always the same picture."""

import bisect
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np

from .durations import notes_durations, refuse_cut_off

# what PyAV raises for files that are missing or damaged, and open_video for those that hold no pictures
UNREADABLE = (OSError, ValueError, IndexError, av.FFmpegError)
# how files become pixels, for the key of cached features
MEDIA_SPEC = {'decoder': 'ffmpeg', 'pixels': 'rgb24', 'upright': True}


@dataclass(frozen=True)
class VideoClip:
    """A video file whose frames are decoded when they are asked for.

    Frames are counted in the order they are shown, each once, however long it is shown.

    Attributes:
        path: the file.
        count: how many frames it has.
        fps: frames a second, on average.
        size: ``(height, width)`` in pixels, as shown upright.
        times: when each frame is shown, in units of the file's; None where it does not say so without being decoded.
        starts: of each keyframe, when it is shown and when it is decoded.
        turned: quarter turns to the left that set frames upright.
    """

    path: Path
    count: int
    fps: float
    size: tuple[int, int]
    times: tuple[int, ...] | None = None
    starts: tuple[tuple[int, int], ...] = ()
    turned: int = 0

    def frames(self, indices: Sequence[int]) -> np.ndarray:
        """Frames by number, in the order asked; one may be asked for more than once.

        Returns:
            ``[F, h, w, 3]`` uint8, RGB.

        Raises:
            IndexError: there is no such frame.
            one of UNREADABLE: a frame that is asked for, or one it depends on, is damaged.
        """
        outside = [index for index in indices if not 0 <= index < self.count]
        if outside:
            raise IndexError(f'frame {outside[0]} of {self.count}')
        found: dict[int, np.ndarray] = {}
        wanted = sorted(set(indices))
        with _opened(self.path) as file:
            source = file.streams.video[0]
            for index, frame in self._sought(file, source, wanted) if self.times else _counted(file, source, wanted):
                found[index] = np.rot90(frame.to_ndarray(format='rgb24'), self.turned)
        lost = [index for index in wanted if index not in found]
        if lost:
            raise ValueError(f'frame {lost[0]} of {self.count} cannot be decoded')
        return np.stack([found[index] for index in indices])

    def _sought(self, file: Any, source: Any, wanted: list[int]) -> Iterator[tuple[int, Any]]:
        """Frames found by the time they are shown, from the last keyframe before each."""
        shown = [start for start, _ in self.starts]
        decoded = iter(())
        now = None  # when the frame decoded last is shown
        for index in wanted:
            time = self.times[index]
            key = bisect.bisect_right(shown, time) - 1
            if now is None or (key > 0 and shown[key] > now):
                # a keyframe is found by when it is decoded: frames shown before it may stand behind it in the file
                file.seek(self.starts[key][1] if key > 0 else self.times[0], stream=source)
                decoded = file.decode(source)
            for frame in decoded:
                now = frame.pts
                if now is not None and now >= time:
                    break
            else:
                return
            if now != time:
                # the seek came out too late, or the frame is damaged: count from the start which it is
                yield from _matched(self.path, self.times, [i for i in wanted if i >= index])
                return
            yield index, frame


def open_video(path: str | Path) -> VideoClip:
    """Look at a video file without decoding more than its first frame.

    Raises:
        one of UNREADABLE: it is no video, has no video stream, no frames, or is cut off.
    """
    path = Path(path)
    with _opened(path) as file:
        if not file.streams.video:
            kinds = ', '.join(sorted({stream.type for stream in file.streams})) or 'nothing'
            raise ValueError(f'no video stream, only {kinds}')
        source = file.streams.video[0]
        packets = [
            # where a file notes one time alone it is sought by that
            (packet.pts, packet.pts if packet.dts is None else packet.dts, packet.is_keyframe)
            for packet in file.demux(source)
            if packet.size and not packet.is_discard
        ]
        stated, rate = source.frames, source.average_rate
        # the index of these leads exactly to a keyframe; any other is decoded from its start
        indexed = notes_durations(file)
        if not packets:
            raise ValueError('no frames')
        times = sorted({pts for pts, _, _ in packets if pts is not None})
        if indexed and stated and len(packets) < 0.9 * stated:
            raise ValueError(f'cut off: {len(packets)} of {stated} frames are there')
        if not stated and len(times) > 1:
            # how long the last frame is shown is not noted everywhere
            longest = max(later - earlier for earlier, later in itertools.pairwise(times)) * source.time_base
            refuse_cut_off(file, source, float(times[-1] * source.time_base), 2 * float(longest))
    first = _first_frame(path)
    turned = round(first.rotation / 90) % 4
    size = (first.height, first.width) if turned % 2 == 0 else (first.width, first.height)
    if not indexed or len(times) < len(packets):
        with _opened(path) as file:
            count = sum(1 for _ in file.decode(file.streams.video[0]))
        return VideoClip(path, count, float(rate or 0), size, turned=turned)
    starts = tuple(sorted((pts, dts) for pts, dts, is_keyframe in packets if is_keyframe))
    return VideoClip(path, len(times), float(rate or 0), size, tuple(times), starts, turned)


def why_unreadable(path: Path, error: BaseException) -> str:
    """One line on a video that could not be read."""
    if not path.exists():
        return f'{path} is not there'
    if path.is_dir():
        return f'{path} is a folder'
    reason = getattr(error, 'strerror', None) or str(error) or type(error).__name__
    return f'{path} ({path.stat().st_size:,} bytes) cannot be read as a video: {reason.splitlines()[0]}'


def _opened(path: Path) -> Any:
    # titles and comments in other encodings are none of our business
    return av.open(str(path), metadata_errors='replace')


def _first_frame(path: Path) -> Any:
    with _opened(path) as file:
        frame = next(file.decode(file.streams.video[0]), None)
    if frame is None:
        raise ValueError('no frame can be decoded')
    return frame


def _counted(file: Any, source: Any, wanted: list[int]) -> Iterator[tuple[int, Any]]:
    """Frames by their number from the start."""
    asked = set(wanted)
    for index, frame in enumerate(file.decode(source)):
        if index in asked:
            yield index, frame
        if index >= wanted[-1]:
            return


def _matched(path: Path, times: Sequence[int], wanted: list[int]) -> Iterator[tuple[int, Any]]:
    """Frames by the time they are shown, all decoded from the start."""
    asked = {times[index]: index for index in wanted}
    with _opened(path) as file:
        for frame in file.decode(file.streams.video[0]):
            if frame.pts in asked:
                yield asked[frame.pts], frame
