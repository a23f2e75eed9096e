"""Closed sets of answers as files, as VL-T5 and VL-adapter have them: ``trainval_ans2label.json``, ``trainval_label2ans.json``."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import numpy as np

from ..errors import ConfigError
from .json_files import read_json
from .row_table import Table

WHAT = 'answer labels'
HINT = (
    'Wanted: a list of answers (trainval_label2ans.json), or each answer with its number from 0 on '
    '(trainval_ans2label.json). tools/prepare_data.py makes both.'
)


def read_labels(path: str | Path) -> tuple[str, ...]:
    """The answers of a label file, in the order of their numbers.

    Raises:
        MissingDataError: there is no such file.
        ConfigError: it is of another form, empty, has an answer or a number twice, or leaves a number out.
    """
    path = Path(path).expanduser()
    content = read_json(path, list[str] | dict[str, int], WHAT, HINT)
    if isinstance(content, dict):
        strange = set(range(len(content))).symmetric_difference(content.values())
        if strange:
            raise ConfigError(
                f'{WHAT}: {path} numbers {len(content):,} answers otherwise than from 0 to {len(content) - 1:,}, each once: '
                f'{min(strange)} is missing or out of place.\n{HINT}'
            )
        content = sorted(content, key=content.get)
    if not content:
        raise ConfigError(f'{WHAT}: {path} has no answer.\n{HINT}')
    twice = [answer for answer, count in Counter(content).items() if count > 1]
    if twice:
        raise ConfigError(f'{WHAT}: {path} has {len(twice):,} answers twice, such as {twice[0]!r}.')
    return tuple(content)


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
