"""What makes this sound? The sound effects that lie beside some of the Tux Paint stamps."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le, MinLen

from ..encoders.audio_preprocessing import AudioPreprocessing
from ..errors import ConfigError, check_choice, check_tasks
from ..registry import DATASETS
from ..zoo import resolve
from .hash_split import SPLITS, TURNS
from .media.synthetic import write_media
from .rows import Row, RowsDataset
from .stamps_index import ENDINGS, Stamp, read_stamps
from .stamps_questions import short_name
from .stamps_split import split_of
from .stamps_synthetic import write_synthetic_stamps

SOUNDS = ('.ogg', '.wav')
# beginnings of paths of sounds that are no effects of their own
LEFT_OUT = (
    # silence: animals without a voice
    'animals/birds/nandou.',
    'animals/lizards/iguana.',
    'animals/mammals/giraffe.',
    'animals/marsupials/wombat.',
    # another's recording, wholly or in part, under another caption: both sides of a split would share it
    'animals/mammals/bovines/mountaingoat.',
    'animals/mammals/bovines/ram.',
    'animals/mammals/camel/dromedary.',
    'animals/mammals/rodents/beaver.',
    'household/arttools/scissors_small_open.',
    # somebody speaks
    'seasonal/hanukkah/dreydl',
    'space/apollo_lander.',
    # animals among the decorations
    'seasonal/halloween/bat_left.',
    'seasonal/halloween/blackcat.',
    'seasonal/halloween/spider.',
)
KINDS = ('bird', 'mammal', 'thing')
YES_NO = ('no', 'yes')
NAME = 'What makes this sound?'
WHERE = 'Bring back what is gone with: python tools/zoo.py fetch tuxpaint-stamps'


@DATASETS.register_module()
class StampSoundsDataset(RowsDataset):
    """The stamps' own sound effects, split by caption as their pictures are; see docs/audio.md.

    The test split is for ``tools/test.py`` alone.

    Args:
        split: 'train', 'val' or 'test'.
        tasks: which questions are asked: 'kind' (a bird, a mammal or a thing), 'animal' (yes or no), 'name' (open).
        root: the stamps folder, or its zoo name.
        turn: 0 to 4: the split turned by so many fifths, so that five runs test every sound once.
        seed: of the split and of ``limit``.
        preprocessing, transform, limit, shuffle_media: see :class:`~.rows.RowsDataset`.

    Raises:
        ConfigError: unknown split or task, or ``root`` is not the stamps folder.
        MissingDataError: the stamps have not been fetched; on reading a sample, its sound is missing or damaged.
    """

    modality = 'audio'
    where = WHERE
    caption_question = NAME

    def __init__(
        self,
        split: Literal['train', 'val', 'test'],
        tasks: Annotated[Sequence[Literal['kind', 'animal', 'name']], MinLen(1)] = ('kind',),
        root: str = 'zoo:tuxpaint-stamps',
        turn: Annotated[int, Ge(0), Le(TURNS - 1)] = 0,
        seed: int = 0,
        preprocessing: AudioPreprocessing | Mapping | None = None,
        transform: Mapping | None = None,
        limit: int | float | None = None,
        shuffle_media: int | None = None,
    ):
        check_choice('StampSoundsDataset', 'split', split, SPLITS)
        check_tasks('StampSoundsDataset', tasks, TASKS)
        if turn not in range(TURNS):
            raise ConfigError(f'StampSoundsDataset: turn is a number from 0 to {TURNS - 1}, found {turn!r}.')
        folder = Path(resolve(root))
        sounds = [
            (sound, stamp)
            for stamp in read_stamps(folder, seed)
            if split_of(stamp.media, stamp.caption, seed, turn) == split
            for sound in _sound_of(folder, stamp)
        ]
        rows = [row for task in dict.fromkeys(tasks) for sound, stamp in sounds for row in _asked(task, sound, stamp)]
        super().__init__(
            rows,
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
        """For dry runs: a few made-up stamps a split, each with a sound beside it, in the package's layout."""
        write_synthetic_stamps(folder, arguments.get('seed', 0))
        for number, picture in enumerate(sorted(folder.rglob(f'*{ENDINGS[0]}'))):
            write_media(picture.with_suffix(SOUNDS[-1]), 'audio', number)
        return {**{name: value for name, value in arguments.items() if name != 'turn'}, 'root': str(folder)}

    @staticmethod
    def closed_tasks(arguments: Mapping[str, Any]) -> dict[str, bool]:
        """Of each task that these arguments ask for, whether its questions have a closed set of answers."""
        return {task: task != 'name' for task in arguments.get('tasks', ('kind',))}


def _sound_of(root: Path, stamp: Stamp) -> list[str]:
    """The sound beside a stamp's picture, if there is one that tells what it is of."""
    bare = str(Path(stamp.media).with_suffix(''))
    there = [bare + ending for ending in SOUNDS if (root / (bare + ending)).is_file()]
    return [] if stamp.media.startswith(LEFT_OUT) else there[:1]


def _asked(task: str, sound: str, stamp: Stamp) -> list[Row]:
    question, candidates, answer = TASKS[task]
    found = answer(stamp)
    return [] if found is None else [Row(f'{task}/{sound}', sound, task, question, (found,), None, candidates)]


def _kind(stamp: Stamp) -> str | None:
    # too few sounds are of other animals to learn what they have in common
    if stamp.category == 'animal':
        return stamp.animal if stamp.animal in KINDS else None
    return 'thing'


def _is_animal(stamp: Stamp) -> str:
    return YES_NO[stamp.category == 'animal']


TASKS = {
    'kind': ('What kind of thing makes this sound?', KINDS, _kind),
    'animal': ('Does an animal make this sound?', YES_NO, _is_animal),
    'name': (NAME, (), lambda stamp: short_name(stamp.caption)),
}
