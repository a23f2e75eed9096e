"""What data sets of captions have in common."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from ..errors import ConfigError, check_choice
from .handing_on import SHARED, hands_on
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
        shared: see :class:`~.rows.RowsDataset`.
    """

    @hands_on(RowsDataset.__init__, 'modality', *SHARED)
    def __init__(
        self,
        rows: Iterable[Row],
        root: str | Path,
        split: str,
        *,
        answer: Literal['each', 'sampled', 'first'] | None = None,
        **shared: Any,
    ):
        if answer is None:
            answer = 'each' if 'train' in split and shared['fold'] != 'held_out' else 'first'
        check_choice(type(self).__name__, 'answer', answer, ANSWERS)
        super().__init__(
            rows, root, answer='sampled' if answer == 'sampled' else 'first', each_answer=answer == 'each', **shared
        )
        self.split, self.answer = split, answer
        self.say_notes(split)

    @staticmethod
    def closed_tasks(arguments: Mapping[str, Any]) -> dict[str, bool]:
        """The one task, which has no closed set of answers."""
        return {'caption': False}


def caption_rows(file: Path, pairs: Iterable[tuple[str, str]], question: str = '') -> Iterator[Row]:
    """A row a medium, of pairs of a medium's file and one of its captions.

    Args:
        file: where the captions come from, for the error.
        pairs: in any order.
        question: put before every caption.

    Raises:
        ConfigError: a caption without text.
    """
    texts = defaultdict(list)
    for medium, caption in pairs:
        texts[medium].append(' '.join(caption.split()))
    for medium, captions in texts.items():
        if not all(captions):
            raise ConfigError(f'{file}: {medium} has a caption without text. Download the file again.')
        yield Row(str(Path(medium).with_suffix('')), medium, 'caption', question, tuple(captions))
