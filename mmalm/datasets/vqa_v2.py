"""VQA v2 from its official files."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from ..encoders.preprocessing import Preprocessing
from ..errors import ConfigError, check_choice
from ..metrics.vqa_soft_accuracy import SOFT, agreement
from ..registry import DATASETS
from .json_files import paths
from .vqa_base import VQASamples
from .vqa_official import paired, read_annotations, read_questions
from .vqa_shrink import shrunk, write_official
from .vqa_table import VQATable

# of each split the subsets it is made of: as questions, annotations and pictures name them
SUBSETS: dict[str, tuple[tuple[str, str], ...]] = {
    'train': (('train2014', 'train2014'),),
    'val': (('val2014', 'val2014'),),
    'trainval': (('train2014', 'train2014'), ('val2014', 'val2014')),
    'test-dev': (('test-dev2015', 'test2015'),),
    'test': (('test2015', 'test2015'),),
}
QUESTIONS = 'v2_OpenEnded_mscoco_{}_questions.json'
ANNOTATIONS = 'v2_mscoco_{}_annotations.json'


class _Table(VQATable):
    def soft_scores(self, row: int) -> dict[str, float]:
        """The official accuracy of each answer the annotators gave: 0.3, 0.6, 0.9 or 1 for 1, 2, 3 or more of ten."""
        humans = self.human_answers[row]
        return {answer: agreement(count, len(humans)) for answer, count in Counter(humans).items() if answer}


@DATASETS.register_module()
class VQAv2Dataset(VQASamples):
    """VQA v2 (Goyal et al., CVPR 2017) as published on https://visualqa.org/download.html; see docs/vqa.md.

    Below ``root``: ``v2_OpenEnded_mscoco_train2014_questions.json``, ``v2_mscoco_train2014_annotations.json`` and the like, and
    pictures as ``train2014/COCO_train2014_000000000009.jpg``. The test splits have no annotations: their answers are empty.

    Args:
        split: 'train', 'val', 'trainval', 'test-dev' or 'test'.
        root: the folder of all of it.
        questions: a file of questions elsewhere; for 'trainval' a list of two.
        annotations: the same of annotations.
        images: the folder that holds ``train2014``, ``val2014``, ``test2015``, if not ``root``.
        preprocessing: how the encoder wants its pictures; given by the model.
        transform: config of the transform; a plain resize unless told.
        answer: 'sampled': each visit draws one answer in proportion to its soft score, as the released eP-ALM; 'most_common':
            what most annotators gave. Unless told, sampled in 'train' and 'trainval', except for held-out questions.
        candidates: a label file (``trainval_label2ans.json``): the closed set that answers are ranked from.
        vocabulary: the file of the answers a classifier has (``vocabulary.json``).
        outside: what becomes of questions that it cannot answer: 'leave_out' or 'keep'. Unless told, they are left out where
            answers are sampled unless told, and kept, as wrong, where a model is judged.
        soft_answers: samples carry 'soft_answers', the score of each right answer: 'official' or 'counted', see
            :func:`~mmalm.metrics.vqa_soft_accuracy.soft_answers`.
        fold: 'held_out' keeps the questions about 2 % of the pictures, 'fit' all others, 'all' all: to choose by a part of the
            training split, never by the one that is reported.
        limit: keep so many questions, or between 0 and 1 such a part; a smaller limit keeps some of a larger one's.
        shuffle_media: a seed: every picture's questions are asked about another picture, as a control.
        seed: of fold and limit.
        check_images: see that every picture is there, by one listing of each folder.

    Raises:
        ConfigError: unknown split, answer or fold; files in another format, encoding or of another subset; ids that occur twice
            or on one side alone.
        MissingDataError: files or pictures are missing or cut off.
    """

    def __init__(
        self,
        split: Literal['train', 'val', 'trainval', 'test-dev', 'test'] = 'train',
        root: str | Path = 'data/vqav2',
        questions: str | Path | Sequence[str | Path] | None = None,
        annotations: str | Path | Sequence[str | Path] | None = None,
        images: str | Path | None = None,
        preprocessing: Preprocessing | Mapping | None = None,
        transform: Mapping | None = None,
        answer: Literal['sampled', 'most_common'] | None = None,
        candidates: str | Path | None = None,
        vocabulary: str | Path | None = None,
        outside: Literal['leave_out', 'keep'] | None = None,
        soft_answers: Literal['official', 'counted'] | None = None,
        fold: Literal['all', 'fit', 'held_out'] = 'all',
        limit: int | float | None = None,
        shuffle_media: int | None = None,
        seed: int = 0,
        check_images: bool = True,
    ):
        check_choice('VQAv2Dataset', 'split', split, SUBSETS)
        if soft_answers is not None:
            check_choice('VQAv2Dataset', 'soft_answers', soft_answers, SOFT)
        root = Path(root).expanduser()
        subsets, answered = SUBSETS[split], not split.startswith('test')
        if annotations is not None and not answered:
            raise ConfigError(
                f'VQAv2Dataset: annotations={annotations!r} is given, but the answers of {split!r} are not published.'
            )
        question_files = _files(questions, root, QUESTIONS, subsets, 'questions')
        annotation_files = (
            _files(annotations, root, ANNOTATIONS, subsets, 'annotations') if answered else [None] * len(subsets)
        )
        table = _Table()
        table.soft = soft_answers
        for subset, *files in zip(subsets, question_files, annotation_files, strict=True):
            _read(table, *subset, *files)
        trains = split.startswith('train') and fold != 'held_out'
        if answer is None:
            answer = 'sampled' if trains else 'most_common'
        images = root if images is None else Path(images).expanduser()
        super().__init__(
            table,
            images,
            answer=answer,
            preprocessing=preprocessing,
            transform=transform,
            candidates=candidates,
            vocabulary=vocabulary,
            outside=outside or ('leave_out' if trains else 'keep'),
            fold=fold,
            limit=limit,
            shuffle_media=shuffle_media,
            seed=seed,
            check_images=check_images,
        )
        self.split = split
        self.say_notes(split)

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict[str, Any]:
        """The same data set of 8 questions a split about synthetic pictures, written below ``folder``."""
        root = Path(folder) / 'vqav2'
        for subset, pictures in {pair for pairs in SUBSETS.values() for pair in pairs}:
            annotations = None if subset.startswith('test') else root / ANNOTATIONS.format(subset)
            write_official(root, root / QUESTIONS.format(subset), annotations, subset, pictures)
        return shrunk(arguments, root)


def _read(table: VQATable, subset: str, pictures: str, question_file: Path, annotation_file: Path | None) -> None:
    questions = read_questions(question_file, subset)
    table.ids += [question.question_id for question in questions]
    table.media.add([f'{pictures}/COCO_{pictures}_{question.image_id:012d}.jpg' for question in questions])
    table.questions.add([question.question for question in questions])
    if annotation_file is None:
        unknown = [''] * len(questions)
        for column in (table.answers, table.question_types, table.answer_types):
            column.add(unknown)
        table.human_answers.add((), [0] * len(questions))
        return
    annotations = read_annotations(annotation_file, subset)
    annotations = paired(questions, annotations, (question_file, annotation_file))
    table.answers.add([annotation.multiple_choice_answer for annotation in annotations])
    table.question_types.add([annotation.question_type for annotation in annotations])
    table.answer_types.add([annotation.answer_type for annotation in annotations])
    answers = [given.answer for annotation in annotations for given in annotation.answers]
    table.human_answers.add(answers, [len(annotation.answers) for annotation in annotations])


def _files(given: Any, root: Path, name: str, subsets: Sequence, what: str) -> list[Path]:
    if given is None:
        return [root / name.format(subset) for subset, _ in subsets]
    files = paths(given, what)
    if len(files) != len(subsets):
        wanted = ', '.join(subset for subset, _ in subsets)
        raise ConfigError(f'VQAv2Dataset: {what} needs {len(subsets)} file(s), of {wanted}; found {given!r}.')
    return files
