"""VQA v2's official files: questions and annotations, checked against each other.

Field names: https://visualqa.org/download.html ("Input Questions Format", "Annotation Format").
"""

from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np

from ..errors import ConfigError
from ..metrics.vqa_accuracy import ANSWER_TYPES, AnswerType
from .json_files import read_json

ImageId = Annotated[int, msgspec.Meta(ge=0, lt=10**12)]  # file names have twelve digits
QuestionId = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
HINT = (
    'Wanted: {wanted} as published on https://visualqa.org/download.html, see docs/vqa.md. '
    'Lists of entries with "img_id" and "label" are read by VLAdapterVQADataset.'
)
TYPES = f' An answer_type is one of {", ".join(map(repr, ANSWER_TYPES))}.'


class Question(msgspec.Struct, gc=False):
    question_id: QuestionId
    image_id: ImageId
    question: str


class Answer(msgspec.Struct, gc=False):
    answer: str


class Annotation(msgspec.Struct, gc=False):
    question_id: QuestionId
    image_id: ImageId
    question_type: str
    answer_type: AnswerType
    multiple_choice_answer: str
    answers: Annotated[list[Answer], msgspec.Meta(min_length=1)]


class _Questions(msgspec.Struct):
    questions: list[Question]
    data_type: str = 'mscoco'
    data_subtype: str | None = None


class _Annotations(msgspec.Struct):
    annotations: list[Annotation]
    data_type: str = 'mscoco'
    data_subtype: str | None = None


def read_questions(path: Path, subset: str) -> list[Question]:
    """The questions of ``subset`` ('train2014', 'test-dev2015' ...), in the file's order.

    Raises:
        MissingDataError: no such file, or it is cut off.
        ConfigError: it is in another format, of another subset, empty, or has an id twice.
    """
    file = read_json(path, _Questions, 'VQA questions', HINT.format(wanted='a file of questions'))
    _check(path, file, file.questions, 'questions', subset)
    blank = [question.question_id for question in file.questions if not question.question.strip()]
    if blank:
        raise ConfigError(f'{path}: {len(blank):,} questions without text, of question_id {_some(blank)}.')
    return file.questions


def read_annotations(path: Path, subset: str | None = None) -> list[Annotation]:
    """The annotations of ``subset``, whichever it is where None, in the file's order; errors as :func:`read_questions`."""
    file = read_json(path, _Annotations, 'VQA annotations', HINT.format(wanted='a file of annotations') + TYPES)
    _check(path, file, file.annotations, 'annotations', subset)
    return file.annotations


def paired(questions: list[Question], annotations: list[Annotation], names: tuple[Path, Path]) -> list[Annotation]:
    """The annotation of each question, in the questions' order.

    Args:
        questions, annotations: of one subset.
        names: their files, for errors.

    Raises:
        ConfigError: one side lacks what the other has, or they name different pictures.
    """
    asked, answered = _ids(questions), _ids(annotations)
    by_question, by_annotation = np.argsort(asked), np.argsort(answered)
    if not np.array_equal(asked[by_question], answered[by_annotation]):
        _refuse_unpaired(asked, answered, names)
    order = np.empty_like(by_question)
    order[by_question] = by_annotation
    found = [annotations[place] for place in order.tolist()]
    other = [q.question_id for q, a in zip(questions, found, strict=True) if q.image_id != a.image_id]
    if other:
        raise ConfigError(
            f'{names[0]} and {names[1]} name different pictures (image_id) for {len(other):,} questions, '
            f'of question_id {_some(other)}. '
            'Take both files from one release.'
        )
    return found


def _refuse_unpaired(asked: np.ndarray, answered: np.ndarray, names: tuple[Path, Path]) -> None:
    for missing, what in (
        (np.setdiff1d(asked, answered), 'questions have no annotation'),
        (np.setdiff1d(answered, asked), 'annotations have no question'),
    ):
        if len(missing):
            raise ConfigError(
                f'{names[0]} and {names[1]}: {len(missing):,} {what}, of question_id {_some(missing.tolist())}. '
                'The two files belong to different subsets or releases: take both from one.'
            )


def _check(path: Path, file: _Questions | _Annotations, entries: list, what: str, subset: str | None) -> None:
    if subset is not None and file.data_subtype not in (None, subset):
        raise ConfigError(f'{path} is of data_subtype {file.data_subtype!r}; {subset!r} is wanted here.')
    if file.data_type != 'mscoco':
        raise ConfigError(f"{path} is of data_type {file.data_type!r}; VQA v2 on COCO pictures is 'mscoco'.")
    if not entries:
        raise ConfigError(f'{path} has an empty list of {what}. Download it, or take it out of its archive, again.')
    ids = np.sort(_ids(entries))
    twice = np.unique(ids[1:][ids[1:] == ids[:-1]]).tolist()
    if twice:
        raise ConfigError(f'{path}: {len(twice):,} question_ids occur more than once, such as {_some(twice)}.')


def _ids(entries: list) -> np.ndarray:
    return np.fromiter((entry.question_id for entry in entries), np.int64, len(entries))


def _some(values: list, count: int = 5) -> str:
    return ', '.join(map(str, values[:count])) + (' ...' if len(values) > count else '')
