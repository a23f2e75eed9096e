"""GQA: questions about real pictures that take several steps to answer."""

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from ..atomic import write_json
from ..errors import check_choice
from ..registry import DATASETS
from .gqa_files import read_adapter, read_official
from .handing_on import SHARED, hands_on
from .json_files import paths
from .labels import write_closed_sets
from .media.synthetic import write_media
from .rows import RowsDataset

# file of each split, and whether its answers are published
OFFICIAL = {
    'train': ('train_balanced_questions.json', True),
    'val': ('val_balanced_questions.json', True),
    'testdev': ('testdev_balanced_questions.json', True),
    'test': ('test_balanced_questions.json', False),
    'submission': ('submission_all_questions.json', False),
}
# of VL-adapter: file, and folder of the pictures
ADAPTER = {
    'train': ('GQA/train.json', 'VG/VG_100K'),
    'val': ('GQA/valid.json', 'VG/VG_100K'),
    'testdev': ('GQA/testdev.json', 'GQA/images'),
}


# of made-up data: id of the first picture of each split; question, answer and types
_FIRST = {'train': 10, 'val': 20, 'testdev': 30, 'test': 40, 'submission': 40}
_ASKED = (
    ('Is the apple on the left red?', 'yes', 'verify', 'attr', 'verifyAttr'),
    ('What color is the apple?', 'red', 'query', 'attr', 'directOf'),
)


@DATASETS.register_module()
class GQADataset(RowsDataset):
    """GQA, balanced (Hudson and Manning, CVPR 2019), as published or as VL-adapter prepared it; see docs/data.md.

    ``layout='official'`` (https://cs.stanford.edu/people/dorarad/gqa/download.html): ``<root>/train_balanced_questions.json`` and
    the like, an object by question id, of which ``question``, ``imageId``, ``answer``, ``isBalanced`` and ``types`` are read;
    pictures ``<root>/images/<imageId>.jpg``. ``layout='vl_adapter'`` (https://github.com/ylsung/VL_adapter):
    ``<root>/GQA/train.json``, ``valid.json``, ``testdev.json``, lists of ``question_id``, ``img_id``, ``sent`` and ``label``;
    pictures ``<root>/VG/VG_100K/<img_id>.jpg``, of testdev ``<root>/GQA/images/<img_id>.jpg``.

    Args:
        split: 'train', 'val', 'testdev', 'test' (balanced, without answers), or 'submission' (all that the server asks for).
        root: the folder of all of it.
        layout: of the files.
        questions: the file elsewhere, or a list.
        images: the folder that holds the pictures, if not as above.
        candidates: a label file (``trainval_label2ans.json`` or ``trainval_ans2label.json``): the closed set that answers are
            ranked from. It must have every answer of train and val; of testdev, what it lacks is counted.
        vocabulary: the file of the answers a classifier has (``vocabulary.json``).
        outside: what becomes of questions that it cannot answer: 'leave_out' or 'keep'; unless told, left out of what is trained
            on, and kept, as wrong, where a model is judged.
        limit: keep so many questions, or between 0 and 1 such a part of them.
        preprocessing, transform, fold, seed, shuffle_media, check_media, unreadable: see :class:`~.rows.RowsDataset`.

    Raises:
        ConfigError: unknown split; files in another format; questions without text, picture or answer; a label file that
            lacks answers.
        MissingDataError: files or pictures are missing.
    """

    where = 'GQA has its own images.zip (docs/data.md); name the folder that holds the pictures: images='

    @hands_on(RowsDataset.__init__, *SHARED)
    def __init__(
        self,
        split: Literal['train', 'val', 'testdev', 'test', 'submission'] = 'train',
        root: str | Path = 'data/gqa',
        layout: Literal['official', 'vl_adapter'] = 'official',
        questions: str | Path | Sequence[str | Path] | None = None,
        images: str | Path | None = None,
        candidates: str | Path | None = None,
        vocabulary: str | Path | None = None,
        outside: Literal['leave_out', 'keep'] | None = None,
        **shared: Any,
    ):
        check_choice('GQADataset', 'layout', layout, ('official', 'vl_adapter'))
        check_choice('GQADataset', 'split', split, OFFICIAL if layout == 'official' else ADAPTER)
        root, notes = Path(root).expanduser(), []
        answered = OFFICIAL[split][1]
        files = paths(questions, 'questions')
        if layout == 'official':
            files = files or [root / OFFICIAL[split][0]]
            found = [read_official(file, answered, notes) for file in files]
            folder = root / 'images'
        else:
            files = files or [root / ADAPTER[split][0]]
            found = [read_adapter(file, '' if images is not None else ADAPTER[split][1], answered) for file in files]
            folder = root
        super().__init__(
            chain(*found),
            folder if images is None else images,
            answer='first',
            candidates=candidates,
            vocabulary=vocabulary,
            outside=outside or ('leave_out' if split == 'train' and shared['fold'] != 'held_out' else 'keep'),
            lacking='refuse' if split in ('train', 'val') else 'count',
            limit_of='questions',
            **shared,
        )
        self.split = split
        self.notes = notes + self.notes
        self.say_notes(split)

    def submission(self, predictions: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
        """The server's file: ``[{'questionId': str, 'prediction': str}]``, answers in lower case, without the period of a sentence.

        https://cs.stanford.edu/people/dorarad/gqa/evaluate.html. The server takes all questions of ``split='submission'``.

        Args:
            predictions: of every question: ``id``, and an answer: ``generated``, ``ranked`` or ``classified``.

        Raises:
            ConfigError: the data set is a part of its split, or predictions are missing, unknown or without an answer.
        """
        texts = self.texts_by_id(predictions)
        return [{'questionId': identity, 'prediction': text.strip(' .\n').lower()} for identity, text in texts.items()]

    @staticmethod
    def closed_tasks(arguments: Mapping[str, Any]) -> dict[str, bool]:
        """The one task; its questions have a closed set of answers where there is a label file."""
        return {'gqa': arguments.get('candidates') is not None}

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict[str, Any]:
        """The same data set of 8 questions a split about synthetic pictures, written below ``folder``."""
        root, split = Path(folder) / 'gqa', arguments.get('split', 'train')
        kept = {name: value for name, value in arguments.items() if name not in ('questions', 'images')}
        write_closed_sets(kept, root, ['yes', 'no', 'red'])
        if kept.get('layout') == 'vl_adapter':
            file, pictures = ADAPTER[split]
        else:
            file, pictures = OFFICIAL[split][0], 'images'
        write_json(root / file, _made_up(split, adapter=kept.get('layout') == 'vl_adapter'))
        for number in range(4):
            write_media(root / pictures / f'{_FIRST[split] + number}.jpg', 'image', number)
        return {**kept, 'root': str(root)}


def _made_up(split: str, adapter: bool) -> dict | list:
    """Two questions about each of four pictures, as a file of the layout has them."""
    official, entries = {}, []
    for number in range(8):
        question, answer, structural, semantic, detailed = _ASKED[number % 2]
        identity, image = f'{_FIRST[split]:02d}00{number}', str(_FIRST[split] + number // 2)
        known = {'question': question, 'imageId': image, 'isBalanced': True}
        if OFFICIAL[split][1]:
            known['answer'] = answer
            known['types'] = {'structural': structural, 'semantic': semantic, 'detailed': detailed}
        official[identity] = known
        entries.append({'img_id': image, 'question_id': identity, 'sent': question, 'label': {answer: 1.0}})
    return entries if adapter else official
