"""Captions of made-up sounds: for dry runs."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ..atomic import write_text
from .media.synthetic import write_media

SOUNDS = ('a dog barks', 'rain falls', 'a bell rings')


def made_up_captions(folder: Path, split: str, count: int = 2) -> dict[str, list[str]]:
    """So many captions of each of a few sounds, which are written into ``folder``, by the sound's file."""
    found = {}
    for number, what in enumerate(SOUNDS):
        name = f'{split}_{number}.wav'
        write_media(folder / name, 'audio', number)
        found[name] = [what, *(f'{what}, {time} times' for time in range(2, count + 1))]
    return found


def write_captions_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A CSV file with a header."""
    text = io.StringIO(newline='')
    csv.writer(text, lineterminator='\n').writerows([columns, *rows])
    write_text(path, text.getvalue())
