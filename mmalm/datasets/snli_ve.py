"""SNLI-VE: whether a picture entails a sentence, contradicts it, or does neither."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from ..atomic import write_text
from ..encoders.preprocessing import Preprocessing
from ..errors import check_choice, closest
from ..registry import DATASETS
from .json_files import encode_lines, read_json_lines, refuse_lines
from .media.synthetic import write_media
from .row_table import Row
from .rows import RowsDataset

WHAT = 'SNLI-VE'
HINT = (
    'Wanted: the lines of snli_ve_train.jsonl and the like, objects with "pairID", "sentence2" and "gold_label", as '
    'https://github.com/necla-ml/SNLI-VE has them: see docs/data.md. tools/prepare_data.py makes them of the tables of OFA.'
)
SPLITS = ('train', 'dev', 'test')
# in the order of their classes
LABELS = ('contradiction', 'neutral', 'entailment')
# what annotators did not agree on
UNDECIDED = '-'
PICTURES = 'flickr30k_images'


class Line(msgspec.Struct, gc=False):
    pairID: str  # noqa: N815 - as the file names it
    sentence2: str
    gold_label: str


@DATASETS.register_module()
class SNLIVEDataset(RowsDataset):
    """SNLI-VE (Xie et al., arXiv 1901.06706): pictures of Flickr30k and hypotheses about them; see docs/data.md.

    ``<root>/snli_ve_train.jsonl``, ``snli_ve_dev.jsonl`` and ``snli_ve_test.jsonl``, one object a line, of which ``pairID``,
    ``sentence2`` (the hypothesis) and ``gold_label`` are read; pictures ``<root>/flickr30k_images/<number>.jpg``, the number being
    how ``pairID`` begins. A sample's question is the hypothesis as it stands; the caption that it was written for
    (``sentence1``) is not shown. Choose by dev, report test.

    Args:
        split: 'train', 'dev' or 'test'.
        root: the folder of all of it.
        hypotheses: the file elsewhere.
        images: the folder that holds the pictures, if not as above.
        limit: keep so many hypotheses, or between 0 and 1 such a part of them.
        preprocessing, transform, fold, seed, shuffle_media, check_media, unreadable: see :class:`~.rows.RowsDataset`.

    Raises:
        ConfigError: an unknown split, lines of another form, each with its number.
        MissingDataError: the file or pictures are missing.
    """

    submits_table = True
    where = 'The pictures are those of Flickr30k (docs/data.md); name the folder that holds them: images='

    def __init__(
        self,
        split: Literal['train', 'dev', 'test'] = 'train',
        root: str | Path = 'data/snli_ve',
        hypotheses: str | Path | None = None,
        images: str | Path | None = None,
        preprocessing: Preprocessing | Mapping | None = None,
        transform: Mapping | None = None,
        fold: Literal['all', 'fit', 'held_out'] = 'all',
        limit: int | float | None = None,
        seed: int = 0,
        shuffle_media: int | None = None,
        check_media: bool = True,
        unreadable: Literal['stop', 'leave_out'] = 'stop',
    ):
        check_choice('SNLIVEDataset', 'split', split, SPLITS)
        root, notes = Path(root).expanduser(), []
        file = root / f'snli_ve_{split}.jsonl' if hypotheses is None else Path(hypotheses).expanduser()
        super().__init__(
            _rows(file, notes),
            root / PICTURES if images is None else images,
            preprocessing=preprocessing,
            transform=transform,
            answer='first',
            fold=fold,
            limit=limit,
            limit_of='questions',
            seed=seed,
            shuffle_media=shuffle_media,
            check_media=check_media,
            unreadable=unreadable,
        )
        self.split = split
        self.notes = notes + self.notes
        self.say_notes(split)

    @staticmethod
    def clean(text: str) -> str:
        """A hypothesis with single blanks; it is no question, and gets no question mark."""
        return ' '.join(text.split())

    def submission(self, predictions: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
        """What was predicted of every pair, ``[{'pairID': str, 'prediction': str}]``, in the file's order.

        There is no server; ``--submission FILE.json`` writes it as JSON, ``FILE.tsv`` as a table.

        Args:
            predictions: of every pair: ``id``, and an answer: ``generated``, ``ranked`` or ``classified``.

        Raises:
            ConfigError: the data set is a part of its split, or predictions are missing, unknown or without an answer.
        """
        return [{'pairID': i, 'prediction': text} for i, text in self.texts_by_id(predictions).items()]

    @staticmethod
    def closed_tasks(arguments: Mapping[str, Any]) -> dict[str, bool]:
        """The one task, of three answers."""
        return {'entailment': True}

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict[str, Any]:
        """The same data set of 9 hypotheses a split about 3 synthetic pictures, written below ``folder``."""
        root, split = Path(folder) / 'snli_ve', arguments.get('split', 'train')
        lines = []
        for number in range(9):
            picture = 10 * SPLITS.index(split) + number // 3
            write_media(root / PICTURES / f'{picture}.jpg', 'image', picture)
            known = {'sentence1': 'A cat.', 'sentence2': 'An animal.', 'gold_label': LABELS[number % 3]}
            lines.append({'pairID': f'{picture}.jpg#0r1{"cne"[number % 3]}', **known})
        write_text(root / f'snli_ve_{split}.jsonl', encode_lines(lines))
        kept = {name: value for name, value in arguments.items() if name not in ('hypotheses', 'images')}
        return {**kept, 'root': str(root)}


def _rows(file: Path, notes: list[str]) -> Iterator[Row]:
    lines = read_json_lines(file, Line, WHAT, HINT)
    refuse_lines(file, [(number, fault) for number, line in lines if (fault := _fault(line))], WHAT, HINT)
    kept = [line for _, line in lines if line.gold_label != UNDECIDED and line.sentence2.strip()]
    if len(kept) < len(lines):
        notes.append(
            f'{len(lines) - len(kept):,} of {len(lines):,} pairs have no hypothesis or no label, and are left out'
        )
    for line in kept:
        yield Row(
            id=line.pairID,
            media=f'{_picture(line.pairID)}.jpg',
            task='entailment',
            question=line.sentence2,
            answers=(line.gold_label,),
            candidates=LABELS,
        )


def _picture(pair: str) -> str:
    """'4705552913' of '4705552913.jpg#2r1n'."""
    return pair.rpartition('.jpg')[0]


def _fault(line: Line) -> str | None:
    if not _picture(line.pairID):
        return f'"pairID" {line.pairID!r} names no picture; one such as "4705552913.jpg#2r1n" is wanted'
    if line.gold_label not in (*LABELS, UNDECIDED):
        return f'"gold_label" {line.gold_label!r} is none of {", ".join(LABELS)}. {closest(line.gold_label, LABELS)}'.rstrip()
    return None
