"""Closed sets of answers as files: vocabularies (``vocabulary.json``), and as VL-T5 and VL-adapter have them
(``trainval_ans2label.json``, ``trainval_label2ans.json``).

A vocabulary is an object of ``answers``, in the order of their classes, ``count``, the ``rule`` that chose them, and ``source``:
the sha256 of each file they are from. What is a list of answers to one reader is one to all: classifiers, ranking, data sets.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from ..atomic import write_json
from ..errors import ConfigError, MissingDataError
from .json_files import read_json
from .row_table import Table

WHAT = 'answer labels'
MAKERS = 'tools/prepare_data.py and tools/build_vocabulary.py make them.'
HINT = (
    'Wanted: a list of answers (trainval_label2ans.json), each answer with its number from 0 on (trainval_ans2label.json), or '
    f'a vocabulary (vocabulary.json). {MAKERS}'
)

# all answers of made-up data sets with closed sets, so that a model in miniature has them, whichever it is trained on
MADE_UP = ('yes', 'no', '2', '1', 'black', 'white', 'red', 'contradiction', 'neutral', 'entailment', 'cat', 'dog')


class _Vocabulary(msgspec.Struct):
    answers: list[str]
    count: int
    rule: str
    source: dict[str, str]


def read_labels(path: str | Path) -> tuple[str, ...]:
    """The answers of a label file or a vocabulary, in the order of their numbers.

    Raises:
        MissingDataError: there is no such file.
        ConfigError: it is of another form, empty, has an answer or a number twice, leaves a number out, or has another number of
            answers than it says.
    """
    path = Path(path).expanduser()
    try:
        content = read_json(path, list[str] | dict[str, Any], WHAT, HINT)
    except MissingDataError as error:
        raise MissingDataError(f'{error} {MAKERS}') from error
    if isinstance(content, dict) and isinstance(content.get('answers'), list):
        vocabulary = read_json(path, _Vocabulary, WHAT, HINT)
        content = vocabulary.answers
        if vocabulary.count != len(content):
            raise ConfigError(
                f'{WHAT}: {path} says that it has {vocabulary.count:,} answers, and has {len(content):,}. Build it again.'
            )
    elif isinstance(content, dict):
        content = read_json(path, dict[str, int], WHAT, HINT)
        strange = set(range(len(content))).symmetric_difference(content.values())
        if strange:
            raise ConfigError(
                f'{WHAT}: {path} numbers {len(content):,} answers otherwise than from 0 to {len(content) - 1:,}, each once: '
                f'{min(strange)} is missing or out of place.\n{HINT}'
            )
        content = sorted(content, key=content.get)
    if not content:
        raise ConfigError(f'{WHAT}: {path} has no answer.\n{HINT}')
    return check_labels(content, str(path))


def check_labels(answers: Sequence[str], where: str) -> tuple[str, ...]:
    """A closed set of answers as a tuple.

    Args:
        answers: in the order of their numbers.
        where: the file or the argument that has them, for errors.

    Raises:
        ConfigError: there is none, one is empty, or one is there twice.
    """
    if not answers:
        raise ConfigError(f'{WHAT}: {where} has no answer.')
    blank = [number for number, answer in enumerate(answers) if not answer.strip()]
    if blank:
        raise ConfigError(f'{WHAT}: {where} has {len(blank):,} empty answers, such as number {blank[0]}.')
    twice = [answer for answer, count in Counter(answers).items() if count > 1]
    if twice:
        raise ConfigError(f'{WHAT}: {where} has {len(twice):,} answers twice, such as {twice[0]!r}.')
    return tuple(answers)


def lacking_note(table: Table, rows: np.ndarray, labels: Collection[str], file: Path, refuse: bool) -> str | None:
    """What there is to say of rows whose first answer no label stands for; None where there is none.

    Args:
        table: of all rows; ``rows`` are the places of those that count.
        labels: the answers of ``file``.
        refuse: whether one is too many.

    Raises:
        ConfigError: an answer is lacking and must not, or no row has its answer among the labels.
    """
    codes, answers = table.foremost()
    codes = codes[rows]
    codes = codes[codes >= 0]
    known = frozenset(labels)
    lacking = codes[~np.array([answer in known for answer in answers], bool)[codes]] if len(codes) else codes
    if not len(lacking):
        return None
    often = Counter(lacking.tolist()).most_common(3)
    named = ', '.join(repr(answers[code]) for code, _ in often)
    if refuse or len(lacking) == len(codes):
        raise ConfigError(
            f'{WHAT}: {file} lacks the answers of {len(lacking):,} of {len(codes):,} questions, such as {named}. '
            'It belongs to other data: tools/prepare_data.py makes the one of these files.'
        )
    return (
        f'answers of {len(lacking):,} of {len(codes):,} questions, such as {named}, are not among those of {file.name}'
    )


def choose_labels(answers: Iterable[str], least: int) -> list[str]:
    """The answers that occur ``least`` times or more, the most frequent first, those of one frequency in alphabetical order.

    VL-T5 and VL-adapter keep what occurs 9 times or more in the training and validation split of VQA v2 (3,129 answers), and all
    of GQA's.
    """
    counts = Counter(answers)
    kept = [answer for answer, count in counts.items() if count >= least]
    return sorted(kept, key=lambda answer: (-counts[answer], answer))


def label_files(labels: Sequence[str]) -> dict[str, list | dict]:
    """The contents of both files, by name."""
    return {
        'trainval_ans2label.json': {answer: number for number, answer in enumerate(labels)},
        'trainval_label2ans.json': list(labels),
    }


def vocabulary_content(labels: Sequence[str], rule: str, files: Sequence[Path]) -> dict[str, Any]:
    """The content of a vocabulary file.

    Args:
        labels: the answers, in the order of their classes.
        rule: how they were chosen, in a sentence.
        files: that they are from.
    """
    source = {file.name: _sha256(file) for file in files}
    return {'rule': rule, 'source': source, 'count': len(labels), 'answers': list(labels)}


def write_closed_sets(arguments: dict[str, Any], root: Path, answers: Sequence[str]) -> None:
    """Give a made-up data set files of its answers below ``root`` for those of ``candidates`` and ``vocabulary`` that it is told.

    Args:
        arguments: of the data set; changed in place.
        root: its folder.
        answers: all that it has.
    """
    for argument, name in (('candidates', 'trainval_label2ans.json'), ('vocabulary', 'vocabulary.json')):
        if arguments.get(argument) is not None:
            arguments[argument] = str(root / name)
            write_json(root / name, list(answers))


def _sha256(file: Path) -> str:
    with file.open('rb') as opened:
        return hashlib.file_digest(opened, 'sha256').hexdigest()
