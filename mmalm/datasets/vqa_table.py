"""Half a million questions with ten answers each in tens of megabytes: every distinct text once, and numbers for the places.

Python objects for every answer would take gigabytes, once more in each loading process.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np


class Texts:
    """A column of texts."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self.distinct: list[str] = []
        self.codes = np.zeros(0, np.int32)

    def add(self, texts: Sequence[str]) -> None:
        """Append texts."""
        known = self._known
        for text in dict.fromkeys(texts):
            known.setdefault(text, len(known))
        fresh = np.fromiter(map(known.__getitem__, texts), np.int32, len(texts))
        self.codes = np.concatenate([self.codes, fresh])
        self.distinct = list(known)

    def clean(self, how: Callable[[str], str]) -> None:
        """Pass every distinct text through ``how``; nothing can be added afterwards."""
        self.distinct = list(map(how, self.distinct))
        self._known = {}

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> str:
        return self.distinct[self.codes[row]]


class TextLists:
    """A column of lists of texts, of any lengths."""

    def __init__(self) -> None:
        self.texts = Texts()
        self.ends = np.zeros(1, np.int64)

    def add(self, texts: Sequence[str], lengths: Sequence[int]) -> None:
        """Append lists, given as all their texts in a row and the length of each."""
        self.texts.add(texts)
        ends = np.cumsum(np.array(lengths, np.int64))
        self.ends = np.concatenate([self.ends, self.ends[-1] + ends])

    def __len__(self) -> int:
        return len(self.ends) - 1

    def span(self, row: int) -> slice:
        """Where the texts of a row stand among all."""
        return slice(int(self.ends[row]), int(self.ends[row + 1]))

    def __getitem__(self, row: int) -> list[str]:
        return [self.texts.distinct[code] for code in self.texts.codes[self.span(row)]]


@dataclass
class VQATable:
    """Questions of a data set, a row each.

    Attributes:
        ids: question ids, as the file has them.
        media: keys of the pictures: '<folder>/<file>' below the images.
        questions: texts.
        answers: one a row, what most annotators gave; '' where there is none.
        human_answers: what the annotators gave; empty lists where they are unknown.
        question_types, answer_types: as the annotations name them; '' where there are none.
    """

    ids: list[int | str] = field(default_factory=list)
    media: Texts = field(default_factory=Texts)
    questions: Texts = field(default_factory=Texts)
    answers: Texts = field(default_factory=Texts)
    human_answers: TextLists = field(default_factory=TextLists)
    question_types: Texts = field(default_factory=Texts)
    answer_types: Texts = field(default_factory=Texts)

    def __len__(self) -> int:
        return len(self.ids)
