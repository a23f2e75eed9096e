"""ScienceQA: school science by multiple choice, half of it with a picture."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from ..atomic import write_json
from ..encoders.preprocessing import Preprocessing
from ..metrics.scienceqa_answer import stated_choice
from ..registry import DATASETS
from .media.blank import BLANK, blank_or_left_out
from .media.synthetic import write_media
from .row_table import Row
from .rows import RowsDataset
from .scienceqa_files import Problem, read_problems
from .scienceqa_prompts import answer_text, parts, question_text

# in a file of results, in place of the number of a choice, where the text names none
NONE_NAMED = -1


@DATASETS.register_module()
class ScienceQADataset(RowsDataset):
    """ScienceQA (Lu et al., NeurIPS 2022) as published on https://scienceqa.github.io; see docs/data.md.

    ``<root>/problems.json``, ``<root>/pid_splits.json``, pictures ``<root>/images/<split>/<id>/image.png``. A sample's question is
    the whole prompt, its answer the whole response, in LaVIN's words: 'Question: ... Context: ... Options: (A) ... Response:' and
    'The answer is B. BECAUSE: ...'. It carries 'choices', 'right_choice' (its number from 0), 'subject', 'grade', 'has_text',
    'has_picture'.

    Args:
        split: one of ``pid_splits.json``: 'train', 'val', 'test', 'minival' ...
        root: the folder of all of it.
        images: the folder that holds ``train``, ``val`` and ``test``, if not ``<root>/images``.
        format: what question and answer consist of, see :mod:`.scienceqa_prompts`.
        without_picture: what becomes of questions that have none; to be told: 'blank' shows a white picture in its place,
            'leave_out' takes the others alone, which are no longer the benchmark.
        limit: keep so many questions, or between 0 and 1 such a part of them.
        preprocessing, transform, fold, seed, shuffle_media, check_media, unreadable: see :class:`~.rows.RowsDataset`. A question
            without a picture counts as one about a picture of its own, and keeps its blank one under ``shuffle_media``.

    Raises:
        ConfigError: unknown split or format, files of another form, questions without a picture and nothing told of them.
        MissingDataError: files or pictures are missing.
    """

    where = (
        'The pictures are train.zip, val.zip and test.zip (docs/data.md); name the folder that holds the three: images='
    )

    def __init__(
        self,
        split: str = 'train',
        root: str | Path = 'data/scienceqa',
        images: str | Path | None = None,
        format: str = 'QCM-ALE',
        without_picture: Literal['blank', 'leave_out'] | None = None,
        preprocessing: Preprocessing | Mapping | None = None,
        transform: Mapping | None = None,
        fold: Literal['all', 'fit', 'held_out'] = 'all',
        limit: int | float | None = None,
        seed: int = 0,
        shuffle_media: int | None = None,
        check_media: bool = True,
        unreadable: Literal['stop', 'leave_out'] = 'stop',
    ):
        asked, answered = parts(format)
        root = Path(root).expanduser()
        problems = read_problems(root, split)
        without, total, notes = sum(problem.image is None for problem in problems.values()), len(problems), []
        if without:
            notes = [blank_or_left_out('ScienceQADataset', 'without_picture', without_picture, without, total)]
        if without_picture == 'leave_out':
            problems = {i: problem for i, problem in problems.items() if problem.image is not None}
        super().__init__(
            _rows(problems, asked, answered),
            root / 'images' if images is None else images,
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
        self.complete = self.complete and len(problems) == total
        self.notes = notes + self.notes
        self.say_notes(split)

    @staticmethod
    def clean(text: str) -> str:
        """A prompt as it stands: its lines and its end are its format's."""
        return text

    def submission(self, predictions: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
        """The file of results that the official ``evaluate_acc.py`` reads: ``{'results': {id: number of the choice}}``.

        A text that names no choice has -1, which is never right.

        Args:
            predictions: of every question: ``id`` and ``generated``.

        Raises:
            ConfigError: the data set is a part of its split, or predictions are missing, unknown or without a text.
        """
        texts = self.texts_by_id(predictions)
        choices = {identity: len(self.table[row].extra['choices']) for row, identity in enumerate(self.table.ids)}
        chosen = {identity: stated_choice(text, choices[identity]) for identity, text in texts.items()}
        return {'results': {i: NONE_NAMED if number is None else number for i, number in chosen.items()}}

    @staticmethod
    def closed_tasks(arguments: Mapping[str, Any]) -> dict[str, bool]:
        """The one task; its answers are texts."""
        return {'scienceqa': False}

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict[str, Any]:
        """The same data set of 8 questions a split, half of them about synthetic pictures, written below ``folder``."""
        root, split = Path(folder) / 'scienceqa', arguments.get('split', 'train')
        of = next((name for name in ('train', 'val', 'test') if split.endswith(name)), 'train')
        problems = {}
        for number in range(8):
            pictured = number % 2 == 0
            if pictured:
                write_media(root / 'images' / of / str(number) / 'image.png', 'image', number)
            known = {'question': 'Which is the cat?', 'choices': ['this', 'that'], 'answer': number // 2 % 2}
            kinds = {'grade': f'grade{1 + number}', 'subject': 'natural science', 'split': of}
            shown = {'hint': '' if number % 3 else 'Look.', 'image': 'image.png' if pictured else None}
            problems[str(number)] = {**known, **kinds, **shown, 'lecture': 'Cats purr.', 'solution': ''}
        write_json(root / 'problems.json', problems)
        write_json(root / 'pid_splits.json', {split: list(problems)})
        kept = {name: value for name, value in arguments.items() if name != 'images'}
        return {**kept, 'root': str(root)}


def _rows(problems: Mapping[str, Problem], asked: str, answered: str) -> Iterator[Row]:
    for identity, problem in problems.items():
        yield Row(
            id=identity,
            media=BLANK if problem.image is None else f'{problem.split}/{identity}/{problem.image}',
            task='scienceqa',
            question=question_text(problem, asked),
            answers=(answer_text(problem, answered),),
            extra={
                'choices': problem.choices,
                'right_choice': problem.answer,
                'subject': problem.subject,
                'grade': problem.grade,
                'has_text': bool(problem.hint),
                'has_picture': problem.image is not None,
            },
        )
