"""What data sets of captions have in common."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..errors import check_choice
from .row_table import Row
from .rows import RowsDataset

ANSWERS = ('each', 'sampled', 'first')


class CaptionRows(RowsDataset):
    """Base of data sets of captions: a row a file, with all its captions as answers. A subclass reads its files into rows.

    Args:
        rows: of the split.
        root: the folder of the media.
        split: its name; a name with 'train' in it is trained on.
        answer: 'each': every caption is a sample (COCO, AudioCaps, Clotho and MSR-VTT in eP-ALM's released code); 'sampled': every
            file is one, and each visit draws one of its captions; 'first': every file is one, with its first caption. Unless told,
            'each' in training and 'first' elsewhere. All captions are the ``references`` of a sample in any case.
        others: see :class:`~.rows.RowsDataset`.
    """

    def __init__(self, rows: Iterable[Row], root: str | Path, split: str, *, answer: str | None = None, **others: Any):
        if answer is None:
            answer = 'each' if 'train' in split and others.get('fold') != 'held_out' else 'first'
        check_choice(type(self).__name__, 'answer', answer, ANSWERS)
        super().__init__(
            rows, root, answer='sampled' if answer == 'sampled' else 'first', each_answer=answer == 'each', **others
        )
        self.split, self.answer = split, answer
        self.say_notes(split)

    @staticmethod
    def closed_tasks(arguments: Mapping[str, Any]) -> dict[str, bool]:
        """The one task, which has no closed set of answers."""
        return {'caption': False}
