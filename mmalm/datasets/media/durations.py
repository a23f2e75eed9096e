"""How long a stream lasts by what its file notes, against how much of it is there."""

import re
from typing import Any

# containers that note it when they are closed; others guess it from their size
NOTED = ('mov', 'mp4', 'matroska', 'webm')
_CLOCK = re.compile(r'(\d+):(\d+):(\d+(?:\.\d+)?)')


def notes_durations(file: Any) -> bool:
    """Whether an opened file is of a container that notes how long its streams are, and where their keyframes stand."""
    return any(name in NOTED for name in file.format.name.split(','))


def refuse_cut_off(file: Any, stream: Any, seconds: float, tolerated: float = 0.0) -> None:
    """Raise a ValueError where a stream ends long before its file says; FFmpeg reads what is there without a word.

    Args:
        file: of PyAV, opened.
        stream: of it.
        seconds: how much of it is there.
        tolerated: how many seconds may be lacking, besides a tenth.
    """
    stated = _stated(stream) if notes_durations(file) else None
    if stated is not None and stated - seconds > max(0.1 * stated, tolerated):
        raise ValueError(f'it is cut off: {seconds:.2f} of {stated:.2f} s are there')


def _stated(stream: Any) -> float | None:
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    clock = _CLOCK.match(stream.metadata.get('DURATION', ''))  # Matroska's, of each stream
    return None if clock is None else 3600 * int(clock[1]) + 60 * int(clock[2]) + float(clock[3])
