"""Columns of millions of values in tens of megabytes: every distinct value once, and numbers for the places.

Python objects for every place would take gigabytes, once more in each loading process.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

import numpy as np

Value = TypeVar('Value', bound=Hashable)


class Column(Generic[Value]):
    """A column of texts, or of other hashable values."""

    def __init__(self, values: Sequence[Value] = ()) -> None:
        self._known: dict[Value, int] = {}
        self.distinct: list[Value] = []
        self.codes = np.zeros(0, np.int32)
        self.add(values)

    def add(self, values: Sequence[Value]) -> None:
        """Append values."""
        known = self._known
        for value in dict.fromkeys(values):
            known.setdefault(value, len(known))
        fresh = np.fromiter(map(known.__getitem__, values), np.int32, len(values))
        self.codes = np.concatenate([self.codes, fresh])
        self.distinct = list(known)

    def clean(self, how: Callable[[Value], Value]) -> None:
        """Pass every distinct value through ``how``; nothing can be added afterwards."""
        self.distinct = list(map(how, self.distinct))
        self._known = {}

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> Value:
        return self.distinct[self.codes[row]]


class ListColumn(Generic[Value]):
    """A column of lists of values, of any lengths."""

    def __init__(self) -> None:
        self.values: Column[Value] = Column()
        self.ends = np.zeros(1, np.int64)

    def add(self, values: Sequence[Value], lengths: Sequence[int]) -> None:
        """Append lists, given as all their values in a row and the length of each."""
        self.values.add(values)
        ends = np.cumsum(np.array(lengths, np.int64))
        self.ends = np.concatenate([self.ends, self.ends[-1] + ends])

    def __len__(self) -> int:
        return len(self.ends) - 1

    def lengths(self) -> np.ndarray:
        """How long each list is, int64."""
        return np.diff(self.ends)

    def span(self, row: int) -> slice:
        """Where the values of a row stand among all."""
        return slice(int(self.ends[row]), int(self.ends[row + 1]))

    def __getitem__(self, row: int) -> list[Value]:
        return [self.values.distinct[code] for code in self.values.codes[self.span(row)]]
