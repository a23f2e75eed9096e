"""GQA's questions as published, and as VL-T5 and VL-adapter prepared them, read into rows."""

from collections.abc import Iterator
from pathlib import Path
from sys import intern
from typing import Annotated

import msgspec

from ..errors import ConfigError
from .json_files import read_json
from .row_table import Row

WHAT = 'GQA questions'
OFFICIAL_HINT = (
    'Wanted: {question id: {"question", "imageId", "answer" ...}}, as questions1.2.zip has it, see docs/data.md. '
    'A list with "img_id" is read with layout=\'vl_adapter\'.'
)
ADAPTER_HINT = (
    'Wanted: a list of entries with img_id, question_id, sent and label, as the VL-adapter repository has them, see docs/data.md. '
    "The official files are read with layout='official'."
)


class Types(msgspec.Struct, gc=False):
    structural: str | None = ''
    semantic: str | None = ''
    detailed: str | None = ''


class Question(msgspec.Struct, gc=False):
    question: str
    imageId: str  # noqa: N815 - as the file names it
    answer: str | None = None
    isBalanced: bool = True  # noqa: N815
    types: Types | None = None


class Entry(msgspec.Struct, gc=False):
    question_id: int | str
    img_id: str
    sent: str | None = None
    question: str | None = None
    label: dict[str, Annotated[float, msgspec.Meta(ge=0)]] | None = None


def read_official(path: Path, answered: bool, notes: list[str]) -> Iterator[Row]:
    """Rows of a file of ``questions1.2.zip``; what is not balanced is left out where answers are known, and noted.

    Raises:
        MissingDataError: there is no such file, or it is cut off.
        ConfigError: it is in another format, empty, or has questions without text, picture or answer.
    """
    questions = read_json(path, dict[str, Question], WHAT, OFFICIAL_HINT)
    if answered:
        kept = {identity: question for identity, question in questions.items() if question.isBalanced}
        if questions and not kept:
            raise ConfigError(
                f'{path}: none of {len(questions):,} questions is balanced. Take the file with "balanced" in its name.'
            )
        if len(kept) < len(questions):
            notes.append(
                f'{len(questions) - len(kept):,} of {len(questions):,} questions are not balanced, and left out'
            )
        questions = kept
    _check(
        path,
        {i: (q.question, q.imageId, q.answer) for i, q in questions.items()},
        answered,
    )
    for identity, question in questions.items():
        types = question.types or Types()
        yield _row(
            identity,
            f'{question.imageId}.jpg',
            question.question,
            {question.answer: 1.0} if answered and question.answer is not None else {},
            types,
        )


def read_adapter(path: Path, folder: str, answered: bool) -> Iterator[Row]:
    """Rows of a file of VL-adapter; errors as :func:`read_official`, and ids that occur twice.

    Args:
        path: the file.
        folder: of the pictures, below the root; '' for the root itself.
        answered: whether questions must have a label.
    """
    entries = read_json(path, list[Entry], WHAT, ADAPTER_HINT)
    texts = {}
    for entry in entries:
        text = entry.question if entry.sent is None else entry.sent
        if str(entry.question_id) in texts:
            raise ConfigError(f'{path}: the question_id {entry.question_id} occurs more than once. Take the file anew.')
        texts[str(entry.question_id)] = (
            text or '',
            entry.img_id,
            max(entry.label, key=entry.label.get) if entry.label else None,
        )
    _check(path, texts, answered)
    for entry in entries:
        media = f'{folder}/{entry.img_id}.jpg' if folder else f'{entry.img_id}.jpg'
        yield _row(str(entry.question_id), media, texts[str(entry.question_id)][0], entry.label or {}, Types())


def _check(path: Path, found: dict[str, tuple[str, str, str | None]], answered: bool) -> None:
    if not found:
        raise ConfigError(f'{path} has no questions. Download it, or take it out of its archive, again.')
    for place, what in ((0, 'question'), (1, 'picture'), (2, 'answer')):
        without = [identity for identity, texts in found.items() if not (texts[place] or '').strip()]
        if without and (answered or what != 'answer'):
            hint = ' The answers of the test and challenge questions are not published.' if what == 'answer' else ''
            raise ConfigError(
                f'{path}: {len(without):,} of {len(found):,} questions have no {what}, such as {without[0]}.{hint}'
            )


def _row(identity: str, media: str, question: str, label: dict[str, float], types: Types) -> Row:
    # the highest scored first; in practice there is one
    answers = sorted(label, key=label.get, reverse=True)
    return Row(
        id=identity,
        media=media,
        task='gqa',
        question=question,
        answers=tuple(answer.strip() for answer in answers),
        weights=None if len(answers) < 2 else tuple(label[answer] for answer in answers),
        extra={
            'question_id': identity,
            'structural': intern(types.structural or ''),
            'semantic': intern(types.semantic or ''),
            'detailed': intern(types.detailed or ''),
        },
    )
