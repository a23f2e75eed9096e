"""What VQA data sets have in common: rows of a table as samples, with pictures, sampled answers and submissions."""

import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.dist import is_main_process
from PIL import Image
from torch.utils.data import Dataset

from ..encoders.preprocessing import Preprocessing
from ..errors import ConfigError, MissingDataError, check_choice
from ..registry import TRANSFORMS
from .pictures import UNREADABLE, why_unreadable
from .seeded import exchange
from .vqa_pictures import check_pictures, read_picture
from .vqa_rows import choose_rows
from .vqa_submission import submission
from .vqa_table import VQATable

ANSWERS = ('sampled', 'most_common')
_SIDES = re.compile(r'\b(left|right)(most|hand|side)?\b', re.IGNORECASE)


def clean_question(text: str) -> str:
    """A question with single blanks and one question mark at its end; one that ends as a statement stays one."""
    text = ' '.join(text.split())
    return text if text.endswith(('.', '!')) else text.rstrip(' ?') + '?'


class VQASamples(Dataset):
    """Base of VQA data sets. A subclass reads a :class:`VQATable` and says how answers are weighed.

    Args:
        table: all questions.
        images: the folder that holds the table's folders of pictures.
        answer: 'sampled' or 'most_common'.
        preprocessing, transform, fold, limit, shuffle_media, seed, check_images: see :class:`VQAv2Dataset`.
    """

    nodes = {'transform': TRANSFORMS}

    def __init__(
        self,
        table: VQATable,
        images: Path,
        answer: str,
        preprocessing: Preprocessing | Mapping | None,
        transform: Mapping | None,
        fold: str,
        limit: int | float | None,
        shuffle_media: int | None,
        seed: int,
        check_images: bool,
    ):
        name = type(self).__name__
        check_choice(name, 'answer', answer, ANSWERS)
        self.table, self.images, self.answer = table, Path(images), answer
        table.questions.clean(clean_question)
        for answers in (table.answers, table.human_answers.texts):
            answers.clean(str.strip)
        self.complete = fold == 'all' and limit is None
        self.rows = choose_rows(table.media, fold, limit, seed, name)
        self.media = [table.media.distinct[code] for code in dict.fromkeys(table.media.codes[self.rows].tolist())]
        self._shown = None if shuffle_media is None else exchange(self.media, shuffle_media, name)
        self.notes: list[str] = []
        if check_images:
            unasked = check_pictures(self.images, self.media, table.media.distinct)
            if unasked:
                self.notes.append(f'{unasked:,} pictures are not asked about')
        self.transform = None
        if preprocessing is not None:
            config = transform or {'type': 'ImageTransform'}
            self.transform = TRANSFORMS.build(config, key='transform', preprocessing=preprocessing)
            sided = self._questions_of_sides() if _mirrors(self.transform) else 0
            if sided:
                self.notes.append(
                    f'{sided:,} of {len(self):,} questions speak of left or right while pictures are mirrored '
                    '(augment=dict(flip=False) leaves that out)'
                )

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> dict[str, Any]:
        """The sample of a question.

        Returns:
            id, question_id, media, pixels ``[3, H, W]``, task ('vqa'), question, answer, answers (empty: open), human_answers,
            answer_type, question_type. ``answer`` is drawn from torch's global generator where answers are sampled.
        """
        if self.transform is None:
            raise ConfigError(
                f"{type(self).__name__}: 'preprocessing' was not given, so pictures cannot be made into pixels. "
                "Give it the model's: preprocessing=model.preprocessing."
            )
        row, table = int(self.rows[index]), self.table
        media = table.media[row]
        media = media if self._shown is None else self._shown[media]
        return {
            'id': str(table.ids[row]),
            'question_id': table.ids[row],
            'media': media,
            'pixels': self.transform(self.load_media(media)),
            'task': 'vqa',
            'question': table.questions[row],
            'answer': self._drawn(row) if self.answer == 'sampled' else table.answers[row],
            'answers': [],
            'human_answers': table.human_answers[row],
            'answer_type': table.answer_types[row],
            'question_type': table.question_types[row],
        }

    @abstractmethod
    def soft_scores(self, row: int) -> dict[str, float]:
        """Answers of a row of the table, and how right each is: 0 to 1."""

    def _drawn(self, row: int) -> str:
        scores = self.soft_scores(row)
        if not sum(scores.values()) > 0:
            return ''
        return list(scores)[torch.multinomial(torch.tensor(list(scores.values())), 1).item()]

    def media_path(self, key: str) -> Path:
        """The file of a picture."""
        return self.images / key

    def load_media(self, key: str) -> Image.Image:
        """A picture in RGB.

        Raises:
            MissingDataError: it is missing or damaged; names the question.
        """
        path = self.media_path(key)
        try:
            return read_picture(path)
        except UNREADABLE as error:
            raise MissingDataError(
                f'The picture of {self._asking(key)}: {why_unreadable(path, error)}.\n'
                'Download it, or take it out of its archive, again.'
            ) from error

    def submission(self, predictions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The evaluation server's file: ``[{'question_id': int, 'answer': str}]``, answers normalised, in the file's order.

        Args:
            predictions: of every question: ``id``, and ``generated`` or else ``ranked``.

        Raises:
            ConfigError: the data set is a part of its split, or predictions are missing, unknown or without an answer.
        """
        if not self.complete:
            raise ConfigError('A submission answers every question of a split: leave fold and limit out.')
        return submission(self.table.ids, predictions)

    @staticmethod
    def closed_tasks(arguments: Mapping[str, Any]) -> dict[str, bool]:
        """The one task, whose questions have no closed set of answers."""
        return {'vqa': False}

    def say_notes(self, what: str) -> None:
        """Print what is worth knowing about the data, once a run."""
        if self.notes and is_main_process():
            print(f'{type(self).__name__} {what}: {"; ".join(self.notes)}.', flush=True)

    def _questions_of_sides(self) -> int:
        sided = [bool(_SIDES.search(text)) for text in self.table.questions.distinct]
        return int(np.array(sided)[self.table.questions.codes[self.rows]].sum())

    def _asking(self, media: str) -> str:
        """A question that is asked about a picture."""
        for row in self.rows.tolist():
            own = self.table.media[row]
            if media == (own if self._shown is None else self._shown[own]):
                return f'question {self.table.ids[row]}'
        return media


def _mirrors(transform: Any) -> bool:
    augment = getattr(transform, 'augment', None)
    return augment is not None and augment.get('flip', True)
