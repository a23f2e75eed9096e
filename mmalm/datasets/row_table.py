"""What a data set asks, row by row, kept in columns."""

import itertools
from abc import abstractmethod
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import ConfigError
from .columns import Column, ListColumn

CHUNK = 50_000


@dataclass(frozen=True)
class Row:
    """One question about one file, or one file to be described.

    Attributes:
        id: unique in the data set.
        media: the file, as a path below the root of the media; :data:`~.media.blank.BLANK` where there is none.
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

    @property
    def right(self) -> list[str]:
        """The answers that count as right."""
        if self.weights is None:
            return list(self.answers)
        return [answer for answer, weight in zip(self.answers, self.weights, strict=True) if weight > 0]


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

    def right(self, row: int) -> Collection[str]:
        """The answers of a row that count as right; none where they are not published."""
        return self[row].right

    @abstractmethod
    def foremost(self) -> tuple[np.ndarray, list[str]]:
        """The first answer of each row, as a place in a list of answers (-1 where a row has none), and that list."""

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
        self.ids: list[str] = []
        self.media, self.questions, self.tasks = Column(), Column(), Column()
        self.answers: ListColumn[str] = ListColumn()
        self.extra: dict[str, list] | None = None
        # of the sets of candidates, which rows share, each once: their identities as a column, and what these stand for
        self._sets, self._candidates = Column(), {}
        weights, weighed = [np.zeros(0, np.float32)], False
        rows = iter(rows)
        # a part at a time: a million rows would take a gigabyte as objects
        while chunk := list(itertools.islice(rows, CHUNK)):
            self._append(chunk)
            weights.append(_weights(chunk))
            weighed = weighed or any(row.weights is not None for row in chunk)
        self.weights = np.concatenate(weights) if weighed else None
        _check_unique(self.ids)

    def __getitem__(self, row: int) -> Row:
        return Row(
            self.ids[row],
            self.media[row],
            self.tasks[row],
            self.questions[row],
            tuple(self.answers[row]),
            None if self.weights is None else tuple(self.weights[self.answers.span(row)].tolist()),
            self._candidates[self._sets[row]],
            {name: values[row] for name, values in (self.extra or {}).items()},
        )

    def _append(self, rows: Sequence[Row]) -> None:
        self.ids += [row.id for row in rows]
        self.media.add([row.media for row in rows])
        self.questions.add([row.question for row in rows])
        self.tasks.add([row.task for row in rows])
        self.answers.add([answer for row in rows for answer in row.answers], [len(row.answers) for row in rows])
        self._candidates.update({id(row.candidates): row.candidates for row in rows})
        self._sets.add([id(row.candidates) for row in rows])
        if self.extra is None:
            self.extra = {name: [] for name in rows[0].extra}
        for row in rows:
            if row.extra.keys() != self.extra.keys():
                raise ConfigError(
                    f'{row.id} carries {", ".join(row.extra) or "no extras"}; the first row carries '
                    f'{", ".join(self.extra) or "none"}. All rows carry the same.'
                )
            for name, value in row.extra.items():
                self.extra[name].append(value)

    def foremost(self) -> tuple[np.ndarray, list[str]]:
        found, there = np.full(len(self), -1), self.answer_counts() > 0
        found[there] = self.answers.values.codes[self.answers.ends[:-1][there]]
        return found, self.answers.values.distinct

    def answer_counts(self) -> np.ndarray:
        return self.answers.lengths()


def _check_unique(ids: Sequence[str]) -> None:
    if len(set(ids)) < len(ids):
        twice = [identity for identity, count in Counter(ids).items() if count > 1]
        raise ConfigError(f'{len(twice):,} ids occur more than once, such as {twice[0]!r}. Every question has its own.')


def _weights(rows: Sequence[Row]) -> np.ndarray:
    """One for each answer of all rows, float32."""
    for row in rows:
        if row.weights is not None and (len(row.weights) != len(row.answers) or any(w < 0 for w in row.weights)):
            raise ConfigError(
                f'{row.id}: one weight from 0 on is wanted for each of {len(row.answers)} answers; found {list(row.weights)}.'
            )
    given = (w for row in rows for w in (row.weights if row.weights is not None else [1.0] * len(row.answers)))
    return np.fromiter(given, np.float32)
