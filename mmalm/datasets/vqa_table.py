"""Half a million questions with ten answers each, in columns."""

from abc import abstractmethod
from collections.abc import Collection

import numpy as np

from ..metrics.vqa_soft_accuracy import soft_answers
from .columns import Column, ListColumn
from .row_table import Row, Table


class VQATable(Table):
    """Questions of a VQA data set. A subclass says how answers are weighed.

    Attributes:
        ids: question ids, as the file has them.
        media: keys of the pictures: '<folder>/<file>' below the images.
        questions: texts.
        answers: one a row, what most annotators gave; '' where there is none.
        human_answers: what the annotators gave; empty lists where they are unknown.
        question_types, answer_types: as the annotations name them; '' where there are none.
        soft: rows carry 'soft_answers', the scores a classifier is trained on, by this rule of
            :func:`~mmalm.metrics.vqa_soft_accuracy.soft_answers`; None: they do not.
    """

    soft: str | None = None

    def __init__(self) -> None:
        self.ids: list[int | str] = []
        self.media: Column[str] = Column()
        self.questions: Column[str] = Column()
        self.answers: Column[str] = Column()
        self.human_answers: ListColumn[str] = ListColumn()
        self.question_types: Column[str] = Column()
        self.answer_types: Column[str] = Column()

    @abstractmethod
    def soft_scores(self, row: int) -> dict[str, float]:
        """Answers of a row, and how right each is: 0 to 1."""

    def __getitem__(self, row: int) -> Row:
        """The row: what most annotators gave is its first answer, whether it was scored or not."""
        scores, first = self.soft_scores(row), self.answers[row]
        if first or scores:
            scores = {first: scores.get(first, 0.0)} | scores
        return Row(
            id=str(self.ids[row]),
            media=self.media[row],
            task='vqa',
            question=self.questions[row],
            answers=tuple(scores),
            weights=tuple(scores.values()),
            extra={
                'question_id': self.ids[row],
                'human_answers': self.human_answers[row],
                'answer_type': self.answer_types[row],
                'question_type': self.question_types[row],
                **({} if self.soft is None else {'soft_answers': self.targets(row)}),
            },
        )

    def targets(self, row: int) -> dict[str, float]:
        """The scores a classifier is trained on, by answer; of answers that score."""
        return soft_answers(self.human_answers[row], self.soft or 'counted')

    def right(self, row: int) -> Collection[str]:
        return super().right(row) if self.soft is None else self.targets(row)

    def foremost(self) -> tuple[np.ndarray, list[str]]:
        blank = [code for code, answer in enumerate(self.answers.distinct) if not answer]
        return np.where(np.isin(self.answers.codes, blank), -1, self.answers.codes), self.answers.distinct

    def answer_counts(self) -> np.ndarray:
        return np.fromiter((len(self[row].answers) for row in range(len(self))), np.int64, len(self))
