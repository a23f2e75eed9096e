"""What VQA data sets have in common: rows of a table as samples, and submissions."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..encoders.preprocessing import Preprocessing
from ..errors import check_choice
from ..metrics.vqa_normalise import normalise
from .rows import RowsDataset
from .vqa_table import VQATable

ANSWERS = ('sampled', 'most_common')


class VQASamples(RowsDataset):
    """Base of VQA data sets. A subclass reads a :class:`VQATable`; samples carry question_id, human_answers and the types besides.

    Args:
        table: all questions.
        images: the folder that holds the table's folders of pictures.
        answer: 'sampled' or 'most_common'.
        candidates, preprocessing, transform, fold, limit, shuffle_media, seed, check_images: see :class:`VQAv2Dataset`.
        vocabulary, outside: see :class:`~.rows.RowsDataset`.
    """

    where = (
        'Download the COCO pictures and keep their folder names (docs/vqa.md), or name the folder above them: images='
    )
    own_folders = True

    def __init__(
        self,
        table: VQATable,
        images: Path,
        answer: str,
        preprocessing: Preprocessing | Mapping | None,
        transform: Mapping | None,
        candidates: str | Path | None,
        fold: str,
        limit: int | float | None,
        shuffle_media: int | None,
        seed: int,
        check_images: bool,
        vocabulary: str | Path | None = None,
        outside: str = 'keep',
    ):
        check_choice(type(self).__name__, 'answer', answer, ANSWERS)
        for answers in (table.answers, table.human_answers.values):
            answers.clean(str.strip)
        super().__init__(
            table,
            images,
            preprocessing=preprocessing,
            transform=transform,
            answer='first' if answer == 'most_common' else answer,
            candidates=candidates,
            vocabulary=vocabulary,
            outside=outside,
            fold=fold,
            limit=limit,
            limit_of='questions',
            seed=seed,
            shuffle_media=shuffle_media,
            check_media=check_images,
        )
        self.answer = answer

    def soft_scores(self, row: int) -> dict[str, float]:
        """Answers of a row of the table, and how right each is: 0 to 1."""
        return self.table.soft_scores(row)

    def submission(self, predictions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The evaluation server's file: ``[{'question_id': int, 'answer': str}]``, answers normalised, in the file's order.

        https://visualqa.org/evaluation.html, "Results Format".

        Args:
            predictions: of every question: ``id``, and an answer: ``generated``, ``ranked`` or ``classified``.

        Raises:
            ConfigError: the data set is a part of its split, or predictions are missing, unknown or without an answer.
        """
        texts = self.texts_by_id(predictions)
        return [{'question_id': identity, 'answer': normalise(text)} for identity, text in texts.items()]

    @staticmethod
    def closed_tasks(arguments: Mapping[str, Any]) -> dict[str, bool]:
        """The one task; its questions have a closed set of answers where there is a label file."""
        return {'vqa': arguments.get('candidates') is not None}
