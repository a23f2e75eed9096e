"""The JSON of VL-T5 and VL-adapter, which the released eP-ALM reads."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import numpy as np

from ..atomic import write_json
from ..encoders.preprocessing import Preprocessing
from ..errors import ConfigError
from ..metrics.vqa_accuracy import AnswerType
from ..metrics.vqa_soft_accuracy import agreement
from ..registry import DATASETS
from .columns import ListColumn
from .json_files import paths, read_json
from .vqa_base import VQASamples
from .vqa_official import TYPES, read_annotations
from .vqa_shrink import entries, shrunk, write_official, write_pictures
from .vqa_table import VQATable

_PICTURE = re.compile(r'COCO_(train2014|val2014|test2014|test2015)_\d{12}')
HINT = (
    'Wanted: a list of entries with question_id, img_id, sent and label, as the VL-adapter repository has them, see '
    f'docs/vqa.md. The official files of VQA v2 are read by VQAv2Dataset.{TYPES}'
)
Score = Annotated[float, msgspec.Meta(ge=0)]


class Entry(msgspec.Struct, gc=False):
    question_id: int | str
    img_id: str
    sent: str | None = None
    question: str | None = None
    label: dict[str, Score] | None = None
    question_type: str = ''
    answer_type: AnswerType | Literal[''] = ''


class _Table(VQATable):
    """Questions with the scores of their labels."""

    def __init__(self) -> None:
        super().__init__()
        self.labels: ListColumn[str] = ListColumn()
        self.scores = np.zeros(0, np.float32)

    def soft_scores(self, row: int) -> dict[str, float]:
        """The label of a question: its answers and their scores."""
        return dict(zip(map(str.strip, self.labels[row]), self.scores[self.labels.span(row)].tolist(), strict=True))

    def read(self, file: Path) -> None:
        """Append the questions of a file."""
        read = read_json(file, list[Entry], 'VL-adapter questions', HINT)
        if not read:
            raise ConfigError(f'{file} has an empty list of questions. Download it again.')
        self.ids += [entry.question_id for entry in read]
        self.media.add([_picture(file, entry) for entry in read])
        self.questions.add([_question(file, entry) for entry in read])
        labels = [entry.label or {} for entry in read]
        self.labels.add([answer for label in labels for answer in label], list(map(len, labels)))
        scores = np.fromiter((score for label in labels for score in label.values()), np.float32)
        self.scores = np.concatenate([self.scores, scores])
        self.answers.add([max(label, key=label.get) if any(label.values()) else '' for label in labels])
        self.question_types.add([entry.question_type for entry in read])
        self.answer_types.add([entry.answer_type for entry in read])


@DATASETS.register_module()
class VLAdapterVQADataset(VQASamples):
    """VQA v2 as VL-T5 and VL-adapter prepared it (https://github.com/ylsung/VL_adapter), the Karpathy splits among others.

    Below ``root``: ``vqa/<split>.json`` and pictures as ``COCO/images/train2014/COCO_train2014_000000000009.jpg``. An answer's
    score is in the files; a question without any scored answer has the empty string for an answer, as in the released eP-ALM.

    Args:
        split: name of a file, such as 'karpathy_train' or 'karpathy_val', or a list of them.
        root: the folder of all of it.
        questions: the file elsewhere, or a list.
        annotations: official files of annotations (a file or a list): the ten human answers, which ``VQAAccuracy`` needs.
        images: the folder that holds ``train2014``, ``val2014``, ``test2015``, if not ``COCO/images``.
        candidates, preprocessing, transform, fold, limit, shuffle_media, seed, check_images: see :class:`VQAv2Dataset`.
        answer: 'sampled' or 'most_common'; unless told, sampled where the split's name has 'train' in it, except for held-out
            questions.

    Raises:
        ConfigError, MissingDataError: as :class:`VQAv2Dataset`.
    """

    def __init__(
        self,
        split: str | Sequence[str] = 'karpathy_train',
        root: str | Path = 'data/vl_adapter',
        questions: str | Path | Sequence[str | Path] | None = None,
        annotations: str | Path | Sequence[str | Path] | None = None,
        images: str | Path | None = None,
        preprocessing: Preprocessing | Mapping | None = None,
        transform: Mapping | None = None,
        answer: Literal['sampled', 'most_common'] | None = None,
        candidates: str | Path | None = None,
        fold: Literal['all', 'fit', 'held_out'] = 'all',
        limit: int | float | None = None,
        shuffle_media: int | None = None,
        seed: int = 0,
        check_images: bool = True,
    ):
        root = Path(root).expanduser()
        splits = [split] if isinstance(split, str) else split
        if not isinstance(splits, (list, tuple)) or not splits or not all(isinstance(name, str) for name in splits):
            raise ConfigError(f'VLAdapterVQADataset: split is a name or a list of names, found {split!r}.')
        files = (
            [root / 'vqa' / f'{name}.json' for name in splits] if questions is None else paths(questions, 'questions')
        )
        table = _Table()
        for file in files:
            table.read(file)
        humans = _human_answers(paths(annotations, 'annotations'), table.ids)
        table.human_answers.add([answer for given in humans for answer in given], list(map(len, humans)))
        twice = [identity for identity, count in Counter(table.ids).items() if count > 1]
        if twice:
            raise ConfigError(
                f'{", ".join(map(str, files))}: {len(twice):,} question_ids occur more than once, such as {twice[0]}.'
            )
        if answer is None:
            answer = 'sampled' if all('train' in name for name in splits) and fold != 'held_out' else 'most_common'
        super().__init__(
            table,
            root / 'COCO' / 'images' if images is None else Path(images).expanduser(),
            answer=answer,
            preprocessing=preprocessing,
            transform=transform,
            candidates=candidates,
            fold=fold,
            limit=limit,
            shuffle_media=shuffle_media,
            seed=seed,
            check_images=check_images,
        )
        self.split = split
        blank = int((np.array([not text for text in table.answers.distinct])[table.answers.codes[self.rows]]).sum())
        if blank:
            self.notes.append(f'{blank:,} of {len(self):,} questions have no scored answer: theirs is the empty string')
        self.say_notes(', '.join(splits))

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict[str, Any]:
        """The same data set of 8 questions a split about synthetic pictures, written below ``folder``."""
        root, named = Path(folder) / 'vl_adapter', arguments.get('split', 'karpathy_train')
        splits = [named] if isinstance(named, str) else named
        for number, split in enumerate(splits):
            pictures = 'train2014' if 'train' in split else 'val2014'
            # no question stands in two of them
            chosen = entries(pictures)[number :: len(splits)]
            write_json(root / 'vqa' / f'{split}.json', [_as_entry(entry, pictures) for entry in chosen])
            write_pictures(root / 'COCO' / 'images', pictures)
        changes = {}
        if arguments.get('annotations') is not None:
            subsets = ('train2014', 'val2014')
            files = [root / 'vqa' / f'v2_mscoco_{subset}_annotations.json' for subset in subsets]
            for subset, file in zip(subsets, files, strict=True):
                questions = file.with_name(f'v2_OpenEnded_mscoco_{subset}_questions.json')
                write_official(root / 'COCO' / 'images', questions, file, subset, subset)
            changes['annotations'] = [str(file) for file in files]
        return shrunk(arguments, root, **changes)


def _human_answers(files: list[Path], ids: list[int | str]) -> list[Sequence[str]]:
    """What annotators gave to each question; nothing where there are no files."""
    if not files:
        return [()] * len(ids)
    place = {identity: number for number, identity in enumerate(ids)}
    found: list[Sequence[str]] = [()] * len(ids)
    for file in files:
        for annotation in read_annotations(file):
            if annotation.question_id in place:
                found[place[annotation.question_id]] = [given.answer for given in annotation.answers]
    without = [identity for identity, humans in zip(ids, found, strict=True) if not humans]
    if without:
        raise ConfigError(
            f'{len(without):,} of {len(ids):,} questions, such as {without[0]}, have no annotation in '
            f'{", ".join(map(str, files))}. The Karpathy splits need both, of train2014 and of val2014.'
        )
    return found


def _picture(file: Path, entry: Entry) -> str:
    match = _PICTURE.fullmatch(entry.img_id)
    if match is None:
        raise ConfigError(
            f'{file}: question {entry.question_id} has img_id {entry.img_id!r}; one such as COCO_train2014_000000000009 is '
            'wanted.'
        )
    return f'{match[1]}/{entry.img_id}.jpg'


def _question(file: Path, entry: Entry) -> str:
    text = entry.question if entry.sent is None else entry.sent
    if text is None or not text.strip():
        raise ConfigError(f'{file}: question {entry.question_id} has no text, neither as "sent" nor as "question".')
    return text


def _as_entry(entry: dict[str, Any], pictures: str) -> dict[str, Any]:
    counts = Counter(given['answer'] for given in entry['answers'])
    return {
        'answer_type': entry['answer_type'],
        'img_id': f'COCO_{pictures}_{entry["image_id"]:012d}',
        'label': {answer: agreement(count, 10) for answer, count in counts.items()},
        'question_id': entry['question_id'],
        'question_type': entry['question_type'],
        'sent': entry['question'],
    }
