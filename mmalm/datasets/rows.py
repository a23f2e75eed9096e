"""Rows as samples: the base of data sets that ask about files, or have them described."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from mmengine.dist import is_main_process
from torch.utils.data import Dataset

from ..encoders.audio_preprocessing import AudioPreprocessing
from ..encoders.modalities import INPUTS
from ..encoders.preprocessing import Preprocessing
from ..errors import ConfigError, MissingDataError, check_choice
from ..registry import TRANSFORMS
from .answerable import is_answerable, within
from .choice import choose_rows
from .labels import lacking_note, read_labels
from .media.blank import BLANK
from .media.blank import FILE as BLANK_FILE
from .media.kinds import kind_of
from .media.presence import absent, check_presence
from .media.readable import unreadable_files
from .row_table import Row, RowTable, Table
from .seeded import exchange
from .submission import texts_by_id
from .transforms.sides import seen, speaks_of_sides

__all__ = ['Row', 'RowTable', 'RowsDataset', 'clean_question']

ANSWERS = ('sampled', 'first')
UNREADABLE = ('stop', 'leave_out')


def clean_question(text: str) -> str:
    """A question with single blanks and one question mark at its end; one that ends as a statement, or is empty, stays one."""
    text = ' '.join(text.split())
    return text if not text or text.endswith(('.', '!')) else text.rstrip(' ?') + '?'


class RowsDataset(Dataset):
    """Base of data sets made of :class:`Row`. A subclass reads its files into rows, and refuses files of another form.

    Args:
        rows: all rows of the split, or a table of them.
        root: the folder below which the rows' media lie.
        modality: 'image', 'video' or 'audio'.
        preprocessing: how the encoder wants its input; given by the model.
        transform: config of the transform; the modality's plain one unless told.
        answer: 'sampled': each visit draws one of the answers, in proportion to their weights; 'first': always the foremost.
        each_answer: one sample for each answer of a row instead of one for the row (captions in training).
        candidates: a file of answers (see :func:`~.labels.read_labels`): the closed set of all rows.
        vocabulary: a file of answers: the only ones a classifier gives. Samples say whether it has a right one: 'answerable'.
        outside: what becomes of rows that it cannot answer: 'keep' or 'leave_out' (see :func:`~.answerable.within`).
        lacking: what becomes of rows whose first answer is not among them: 'count', in ``notes``, or 'refuse'.
        fold: 'held_out' keeps the rows of 2 % of the media, 'fit' all others, 'all' all.
        limit: keep so many media, or between 0 and 1 such a part of them, with all their rows; a smaller limit keeps some of a
            larger one's.
        limit_of: 'media', or 'questions': then ``limit`` counts rows.
        seed: of fold and limit.
        shuffle_media: a seed: every file's questions are asked about another file, as a control.
        check_media: see that every file is there, by one listing of each folder.
        unreadable: what becomes of files that are missing or cannot be decoded. 'stop': an error, for a missing one at the
            start, for a damaged one when it is read. 'leave_out': all are read once at the start, and the rows of those that
            cannot be are left out, and counted in ``notes``.

    Attributes:
        table: all rows; ``rows`` are the places in it of those that are used.
        media: keys of the files, each once.
        complete: whether all rows are there, as a submission needs them.
        notes: what is worth knowing about the data, a sentence each.

    Raises:
        ConfigError: unknown values, ids that occur twice, nothing left.
        MissingDataError: files or folders are missing.
    """

    nodes = {'transform': TRANSFORMS}
    modality = 'image'
    # what to do where files are missing, for the error
    where = ''
    # whether the folders hold the media of the split alone, so that what is not asked about is worth a note
    own_folders = False
    # what is done to every question's text
    clean = staticmethod(clean_question)

    def __init__(
        self,
        rows: Iterable[Row] | Table,
        root: str | Path,
        *,
        modality: Literal['image', 'video', 'audio'] = 'image',
        preprocessing: Preprocessing | AudioPreprocessing | Mapping | None = None,
        transform: Mapping | None = None,
        answer: Literal['sampled', 'first'] = 'sampled',
        each_answer: bool = False,
        candidates: str | Path | None = None,
        lacking: Literal['count', 'refuse'] = 'count',
        vocabulary: str | Path | None = None,
        outside: Literal['leave_out', 'keep'] = 'keep',
        fold: Literal['all', 'fit', 'held_out'] = 'all',
        limit: int | float | None = None,
        limit_of: Literal['media', 'questions'] = 'media',
        seed: int = 0,
        shuffle_media: int | None = None,
        check_media: bool = True,
        unreadable: Literal['stop', 'leave_out'] = 'stop',
    ):
        name = type(self).__name__
        check_choice(name, 'answer', answer, ANSWERS)
        check_choice(name, 'unreadable', unreadable, UNREADABLE)
        self.kind, self.modality = kind_of(modality, name), modality
        try:
            self.table = rows if isinstance(rows, Table) else RowTable(rows)
        except ConfigError as error:
            raise ConfigError(f'{name}: {error}') from error
        self.root, self.answer, self.media_spec = Path(root).expanduser(), answer, self.kind.spec
        self.table.questions.clean(self.clean)
        self.complete = fold == 'all' and limit is None
        self.rows = choose_rows(self.table, fold, limit, seed, name, limit_of)
        self.notes: list[str] = []
        self.candidates = None if candidates is None else read_labels(candidates)
        if self.candidates is not None:
            note = lacking_note(self.table, self.rows, self.candidates, Path(candidates), lacking == 'refuse')
            self.notes += [note] if note else []
        self.vocabulary = None
        if vocabulary is not None:
            count = len(self.rows)
            self.vocabulary, self.rows, note = within(self.table, self.rows, vocabulary, outside, name)
            self.complete = self.complete and len(self.rows) == count
            self.notes += [note] if note else []
        if unreadable == 'leave_out':
            self._leave_out(name)
        self.media = self._asked()
        files = [key for key in self.media if key != BLANK]
        self._shown = None if shuffle_media is None else {BLANK: BLANK, **exchange(files, shuffle_media, name)}
        if check_media and unreadable == 'stop':
            known = [key for key in self.table.media.distinct if key != BLANK]
            unasked = check_presence(self.root, files, known, self.kind.nouns, self.where)
            if unasked and self.own_folders:
                self.notes.append(f'{unasked:,} {self.kind.nouns} are not asked about')
        # places in the table, and of the answer where each is a sample
        self._places, self._answers = self.rows, None
        if each_answer:
            counts = self.table.answer_counts()[self.rows]
            self._places = np.repeat(self.rows, counts)
            self._answers = np.arange(len(self._places)) - np.repeat(np.cumsum(counts) - counts, counts)
        self.transform = None
        if preprocessing is not None:
            config = transform or {'type': self.kind.transform}
            self.transform = TRANSFORMS.build(config, key='transform', preprocessing=preprocessing)
            self._note_sides()

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: int) -> dict[str, Any]:
        """The sample.

        Returns:
            id, media, the encoder's input ('pixels', 'frames' or 'spectrogram'), task, question, answer, answers (the closed set;
            empty where open), references (all right texts), and what the rows carry besides. ``answer`` is drawn from torch's
            global generator where answers are sampled; it is empty where answers are not published.
        """
        if self.transform is None:
            raise ConfigError(
                f"{type(self).__name__}: 'preprocessing' was not given, so {self.kind.nouns} cannot be made into "
                f"{INPUTS[self.modality]}. Give it the model's: preprocessing=model.preprocessing."
            )
        place = int(self._places[index])
        row = self.row(place)
        media = row.media if self._shown is None else self._shown[row.media]
        number = None if self._answers is None else int(self._answers[index])
        texts = (row.question, *(row.answers if number is None else [row.answers[number]]))
        return {
            'id': row.id if number is None else f'{row.id}/{number}',
            'media': media,
            INPUTS[self.modality]: seen(self.transform, self.load_media(media), texts),
            'task': row.task,
            'question': row.question,
            'answer': self._answer(row) if number is None else row.answers[number],
            'answers': list(row.candidates if self.candidates is None else self.candidates),
            'references': row.right,
            **self._answerable(place),
            **row.extra,
        }

    def row(self, place: int) -> Row:
        """The row at a place of the table."""
        return self.table[place]

    def media_path(self, key: str) -> Path:
        """The file under a key; a white picture for what has none."""
        return BLANK_FILE if key == BLANK else self.root / key

    def load_media(self, key: str) -> Any:
        """What the file holds: a PIL picture in RGB, a VideoClip, a Waveform.

        Raises:
            MissingDataError: it is missing or damaged; names a question that is asked about it.
        """
        path = self.media_path(key)
        try:
            return self.kind.open(path)
        except self.kind.unreadable as error:
            raise MissingDataError(
                f'The {self.kind.noun} of {self._asking(key)}: {self.kind.why(path, error)}.\n'
                'Download it, or take it out of its archive, again.'
            ) from error

    def say_notes(self, what: str) -> None:
        """Print what is worth knowing about the data, once a run."""
        if self.notes and is_main_process():
            print(f'{type(self).__name__} {what}: {"; ".join(self.notes)}.', flush=True)

    def texts_by_id(self, predictions: Sequence[Mapping[str, Any]]) -> dict[Any, str]:
        """What a submission is made of: the predicted text of every row, by the table's id, in its order.

        Args:
            predictions: ``id``, and an answer: ``generated``, ``ranked`` or ``classified``.

        Raises:
            ConfigError: the data set is a part of its split, or predictions are missing, unknown, or without a text.
        """
        if not self.complete:
            raise ConfigError(
                'A submission answers every question of a split: leave fold and limit out, and no file that cannot be read.'
            )
        return texts_by_id(self.table.ids, predictions)

    def _answerable(self, place: int) -> dict[str, bool]:
        if self.vocabulary is None:
            return {}
        return {'answerable': is_answerable(self.table.right(place), self.vocabulary)}

    def _answer(self, row: Row) -> str:
        if self.answer != 'sampled' or len(row.answers) < 2 and row.weights is None:
            return row.answers[0] if row.answers else ''
        if row.weights is None:
            return row.answers[int(torch.randint(len(row.answers), ()))]
        if not sum(row.weights) > 0:
            return ''
        return row.answers[int(torch.multinomial(torch.tensor(row.weights), 1))]

    def _asked(self) -> list[str]:
        """Keys of the media of the rows that are used, in their order."""
        media = self.table.media
        return [media.distinct[code] for code in dict.fromkeys(media.codes[self.rows].tolist())]

    def _leave_out(self, name: str) -> None:
        media = [key for key in self._asked() if key != BLANK]
        missing, _ = absent(self.root, media)
        gone = set(missing)
        damaged = unreadable_files({key: self.media_path(key) for key in media if key not in gone}, self.kind)
        for keys, what in ((missing, 'missing'), (list(damaged), 'unreadable')):
            if keys:
                self.notes.append(
                    f'{len(keys):,} of {len(media):,} {self.kind.nouns} are {what}, such as {keys[0]}, and left out'
                )
        dropped = gone | damaged.keys()
        if dropped and len(dropped) == len(media):
            raise MissingDataError(
                f'{name}: none of {len(media):,} {self.kind.nouns} in {self.root} can be read: {self.notes}'
            )
        codes = [code for code, key in enumerate(self.table.media.distinct) if key in dropped]
        self.rows = self.rows[~np.isin(self.table.media.codes[self.rows], codes)]
        self.complete = self.complete and not dropped

    def _note_sides(self) -> None:
        if self.modality == 'audio' or not _mirrors_all(self.transform):
            return
        sided = np.array([speaks_of_sides(text) for text in self.table.questions.distinct])
        count = int(sided[self.table.questions.codes[self.rows]].sum())
        if count:
            self.notes.append(
                f'{count:,} of {len(self.rows):,} questions speak of left or right while {self.kind.nouns} are mirrored '
                'too (augment=dict(flip=True) leaves these out)'
            )

    def _asking(self, media: str) -> str:
        """A question that is asked about a file."""
        for row in self.rows.tolist():
            own = self.table.media[row]
            if media == (own if self._shown is None else self._shown[own]):
                return f'question {self.table.ids[row]}'
        return media


def _mirrors_all(transform: Callable) -> bool:
    augment = getattr(transform, 'augment', None)
    return isinstance(augment, Mapping) and augment.get('flip') == 'always'
