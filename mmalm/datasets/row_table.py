"""What a data set asks, row by row, kept in columns."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import ConfigError
from .columns import Column, ListColumn


@dataclass(frozen=True)
class Row:
    """One question about one file, or one file to be described.

    Attributes:
        id: unique in the data set.
        media: the file, as a path below the root of the media.
        task: name of the task, such as 'vqa' or 'caption'.
        question: what is asked; empty where nothing is.
        answers: all right texts, the foremost first; empty where they are not published.
        weights: how right each answer is, from 0 on; all alike where None.
        candidates: the closed set the answer is chosen from; empty where it is open.
        extra: what else the sample carries; all rows have the same names.
    """

    id: str
    media: str
    task: str
    question: str
    answers: tuple[str, ...]
    weights: tuple[float, ...] | None = None
    candidates: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


class Table:
    """Rows of a data set, as :class:`~.rows.RowsDataset` reads them.

    Attributes:
        ids: of the rows.
        media: keys of the files.
        questions: texts.
    """

    ids: Sequence[Any]
    media: Column[str]
    questions: Column[str]

    def __len__(self) -> int:
        return len(self.ids)

    @abstractmethod
    def __getitem__(self, row: int) -> Row:
        """The row, put together."""

    @abstractmethod
    def answer_counts(self) -> np.ndarray:
        """How many answers each row has."""


class RowTable(Table):
    """A table of given rows.

    Args:
        rows: read once.

    Raises:
        ConfigError: ids that occur twice, weights that are not one for each answer or are negative, rows with different extras.
    """

    def __init__(self, rows: Iterable[Row]):
        rows = list(rows)
        self.ids = [row.id for row in rows]
        _check_unique(self.ids)
        self.media = Column([row.media for row in rows])
        self.questions = Column([row.question for row in rows])
        self.tasks = Column([row.task for row in rows])
        self.candidates = Column([row.candidates for row in rows])
        self.answers: ListColumn[str] = ListColumn()
        self.answers.add([answer for row in rows for answer in row.answers], [len(row.answers) for row in rows])
        self.weights = _weights(rows)
        self.extra = _extra(rows)

    def __getitem__(self, row: int) -> Row:
        weights = None if self.weights is None else tuple(self.weights[self.answers.span(row)].tolist())
        return Row(
            self.ids[row],
            self.media[row],
            self.tasks[row],
            self.questions[row],
            tuple(self.answers[row]),
            weights,
            self.candidates[row],
            {name: values[row] for name, values in self.extra.items()},
        )

    def answer_counts(self) -> np.ndarray:
        return self.answers.lengths()


def _check_unique(ids: Sequence[str]) -> None:
    if len(set(ids)) < len(ids):
        twice = [identity for identity, count in Counter(ids).items() if count > 1]
        raise ConfigError(f'{len(twice):,} ids occur more than once, such as {twice[0]!r}. Every question has its own.')


def _weights(rows: Sequence[Row]) -> np.ndarray | None:
    if all(row.weights is None for row in rows):
        return None
    for row in rows:
        if row.weights is not None and (len(row.weights) != len(row.answers) or any(w < 0 for w in row.weights)):
            raise ConfigError(
                f'{row.id}: one weight from 0 on is wanted for each of {len(row.answers)} answers; found {list(row.weights)}.'
            )
    return np.array([w for row in rows for w in (row.weights or [1.0] * len(row.answers))], np.float32)


def _extra(rows: Sequence[Row]) -> dict[str, Any]:
    """A column of each of the extras."""
    names = list(rows[0].extra) if rows else []
    for row in rows:
        if row.extra.keys() != set(names):
            raise ConfigError(
                f'{row.id} carries {", ".join(row.extra) or "no extras"}; the first row carries {", ".join(names) or "none"}. '
                'All rows carry the same.'
            )
    columns = {name: [row.extra[name] for row in rows] for name in names}
    return {
        name: Column(values) if all(isinstance(value, str) for value in values) else values
        for name, values in columns.items()
    }
