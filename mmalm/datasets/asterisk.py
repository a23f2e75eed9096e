"""Speech: the prompts of the Asterisk telephone exchange, one voice at 8 kHz, and what it says."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, MinLen

from ..encoders.audio_preprocessing import AudioPreprocessing
from ..errors import check_choice, check_tasks
from ..registry import DATASETS
from ..zoo import resolve
from .asterisk_index import FETCH, read_prompts
from .asterisk_questions import CAPTION, OPEN, TASKS, questions
from .asterisk_synthetic import write_synthetic_prompts
from .hash_split import SPLITS
from .rows import RowsDataset


@DATASETS.register_module()
class AsteriskSpeechDataset(RowsDataset):
    """Recordings of short sentences, split by what is said; see docs/audio.md.

    The test split is for ``tools/test.py`` alone.

    Args:
        split: 'train', 'val' or 'test'.
        tasks: which questions are asked: 'word' (which of four words is said), 'sentence' (which of four sentences),
            'transcript' (what is said, open).
        root: the folder of recordings, or its zoo name.
        transcripts: the folder of ``core-sounds-en.txt.gz``, or its zoo name.
        max_words: recordings in which more is said are left out; None for none.
        seed: of the split, of the fours and of ``limit``.
        preprocessing, transform, limit, shuffle_media: see :class:`~.rows.RowsDataset`.

    Raises:
        ConfigError: unknown split or task, or transcripts of another form.
        MissingDataError: recordings or transcripts have not been fetched; on reading a sample, its sound is missing or damaged.
    """

    modality = 'audio'
    where = FETCH
    caption_question = CAPTION

    def __init__(
        self,
        split: Literal['train', 'val', 'test'],
        tasks: Annotated[Sequence[Literal['word', 'sentence', 'transcript']], MinLen(1)] = ('word',),
        root: str = 'zoo:asterisk-speech',
        transcripts: str = 'zoo:asterisk-transcripts',
        max_words: Annotated[int, Ge(1)] | None = 14,
        seed: int = 0,
        preprocessing: AudioPreprocessing | Mapping | None = None,
        transform: Mapping | None = None,
        limit: int | float | None = None,
        shuffle_media: int | None = None,
    ):
        check_choice('AsteriskSpeechDataset', 'split', split, SPLITS)
        check_tasks('AsteriskSpeechDataset', tasks, TASKS)
        folder = Path(resolve(root))
        prompts = [
            prompt
            for prompt in read_prompts(folder, Path(resolve(transcripts)), seed)
            if prompt.split == split and (max_words is None or len(prompt.words.split()) <= max_words)
        ]
        super().__init__(
            [row for task in dict.fromkeys(tasks) for row in questions(prompts, task, seed)],
            folder,
            modality='audio',
            preprocessing=preprocessing,
            transform=transform,
            answer='first',
            limit=limit,
            seed=seed,
            shuffle_media=shuffle_media,
        )

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict:
        """For dry runs: a few made-up prompts a split, in the packages' layout."""
        write_synthetic_prompts(folder, arguments.get('seed', 0))
        return {**arguments, 'root': str(folder), 'transcripts': str(folder)}

    @staticmethod
    def closed_tasks(arguments: Mapping[str, Any]) -> dict[str, bool]:
        """Of each task that these arguments ask for, whether its questions have a closed set of answers."""
        return {task: task not in OPEN for task in arguments.get('tasks', ('word',))}
