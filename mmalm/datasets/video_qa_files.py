"""Questions about videos as rows: the files of MSVD-QA and MSRVTT-QA, and those the released eP-ALM reads."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import msgspec

from ..errors import ConfigError, MissingDataError
from .json_files import read_json, refuse_lines
from .row_table import Row

Score = Annotated[float, msgspec.Meta(ge=0)]
Text = Annotated[str, msgspec.Meta(min_length=1)]
OFFICIAL = 'Wanted: a list of objects with id, video_id, question and answer, as MSRVTT-QA and MSVD-QA have: see docs/video.md.'
EPALM = (
    'Wanted: a list of objects with video, question_id, sent (or question) and label, an object of answers and their scores, '
    'as the released eP-ALM reads them: see docs/video.md.'
)


class Official(msgspec.Struct, gc=False):
    id: int
    video_id: int
    question: Text
    answer: Text


class Released(msgspec.Struct, gc=False):
    video: Text
    question_id: int | str
    label: dict[str, Score]
    sent: str | None = None
    question: str | None = None


def read_official(file: Path, name: Callable[[int], str]) -> Iterator[Row]:
    """Rows of ``train_qa.json``, ``val_qa.json``, ``test_qa.json`` (Xu et al., MM 2017).

    Args:
        file: the file.
        name: the file below the folder of videos, by the video's number.
    """
    for number, entry in enumerate(_listed(file, Official, OFFICIAL)):
        if not entry.answer.strip() or not entry.question.strip():
            raise ConfigError(f'{file}: entry {number} (id {entry.id}) has an empty question or answer.\n{OFFICIAL}')
        yield Row(str(entry.id), name(entry.video_id), 'vqa', entry.question, (' '.join(entry.answer.split()),))


def read_released(file: Path) -> Iterator[Row]:
    """Rows of ``msrvtt_vqa_train.json`` and the like; an answer's score says how right it is."""
    for number, entry in enumerate(_listed(file, Released, EPALM)):
        where = f'{file}: entry {number} (question_id {entry.question_id})'
        question = entry.question if entry.sent is None else entry.sent
        if question is None or not question.strip():
            raise ConfigError(f'{where} has no text, neither as "sent" nor as "question".\n{EPALM}')
        label = {' '.join(answer.split()): score for answer, score in entry.label.items() if score > 0}
        if not label or not all(label):
            raise ConfigError(f'{where} has no answer: its label is {entry.label}.\n{EPALM}')
        answers = tuple(sorted(label, key=label.get, reverse=True))
        weights = tuple(label[answer] for answer in answers) if len(answers) > 1 else None
        yield Row(str(entry.question_id), entry.video, 'vqa', question, answers, weights)


def read_names(file: Path) -> dict[int, str]:
    """The names of MSVD's clips by their numbers: lines of ``youtube_mapping.txt`` as ``mv89psg6zh4_33_46 vid1``.

    Raises:
        ConfigError: names the first lines that are not so.
        MissingDataError: there is no such file.
    """
    try:
        lines = file.read_text(encoding='utf-8').splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise MissingDataError(
            f'names of MSVD clips: {file} cannot be read: {error}. It comes with MSVD-QA (docs/video.md).'
        ) from error
    names, faults = {}, []
    for number, line in enumerate(lines, 1):
        parts = line.split()
        if len(parts) == 2 and parts[1].startswith('vid') and parts[1][3:].isdigit():
            names[int(parts[1][3:])] = parts[0]
        elif parts:
            faults.append((number, f'{line.strip()[:60]!r}; such as "mv89psg6zh4_33_46 vid1" is wanted'))
    refuse_lines(file, faults, 'names of MSVD clips')
    return names


def _listed(file: Path, shape: type, hint: str) -> list:
    found = read_json(file, list[shape], 'video questions', hint)
    if not found:
        raise ConfigError(f'{file} has an empty list of questions. Download it again.')
    return found
