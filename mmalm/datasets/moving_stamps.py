"""Stamps that move: video question answering that needs no download but the stamps'."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, MinLen, MultipleOf
from mmengine.dist import barrier, is_main_process

from ..encoders.preprocessing import Preprocessing
from ..errors import ConfigError, check_choice, check_tasks
from ..registry import DATASETS
from ..zoo import home, resolve
from .moving_stamps_clips import BACKGROUNDS, WAYS, ClipStyle, directions, make_clip
from .progress import progress_bar
from .row_table import Row
from .rows import RowsDataset
from .stamps_index import Stamp, read_stamps
from .stamps_questions import questions
from .stamps_split import SPLITS
from .stamps_synthetic import write_synthetic_stamps

TASKS = ('kind', 'direction')
QUESTION = 'Which way does it move?'


@DATASETS.register_module()
class MovingStampsDataset(RowsDataset):
    """Clips of the Tux Paint stamps, one a stamp, encoded once as video files and decoded like any other; see docs/video.md.

    Split as :class:`~.stamps.StampsDataset`. In every split as many stamps go each way, so that of 'direction' a quarter is right
    by chance.

    Args:
        split: 'train', 'val' or 'test', which is for ``tools/test.py`` alone.
        tasks: 'kind' (what kind of thing it is), 'direction' (left, right, up or down).
        root: the stamps folder, or its zoo name.
        clips: the folder clips are written to; ``$MMALM_HOME/moving_stamps`` unless told. Those that are there stay.
        size: edge of the square clips in pixels.
        frames: of each clip.
        background: 'plain' or 'textured'.
        ending: '.mp4' (H.264) or '.webm' (VP9).
        seed: of split, ways and looks.
        preprocessing, transform, limit, shuffle_media: see :class:`~.rows.RowsDataset`.

    Raises:
        ConfigError: an unknown split, task or background, or ``root`` is not the stamps folder.
        MissingDataError: the stamps have not been fetched, or one of them cannot be read.
    """

    modality = 'video'

    def __init__(
        self,
        split: Literal['train', 'val', 'test'],
        tasks: Annotated[Sequence[Literal['kind', 'direction']], MinLen(1)] = TASKS,
        root: str = 'zoo:tuxpaint-stamps',
        clips: str | Path | None = None,
        size: Annotated[int, Ge(16), MultipleOf(2)] = 112,
        frames: Annotated[int, Ge(2)] = 16,
        background: Literal['plain', 'textured'] = 'plain',
        ending: Literal['.mp4', '.webm'] = '.mp4',
        seed: int = 0,
        preprocessing: Preprocessing | Mapping | None = None,
        transform: Mapping | None = None,
        limit: int | float | None = None,
        shuffle_media: int | None = None,
    ):
        check_choice('MovingStampsDataset', 'split', split, SPLITS)
        check_choice('MovingStampsDataset', 'background', background, BACKGROUNDS)
        check_tasks('MovingStampsDataset', tasks, TASKS)
        if size < 16 or size % 2:
            raise ConfigError(f'MovingStampsDataset: size is an even number of pixels from 16 on, found {size}.')
        stamps = [stamp for stamp in read_stamps(Path(resolve(root)), seed) if stamp.split == split]
        self.style = ClipStyle(size, frames, background, ending)
        self.ways = directions([stamp.media for stamp in stamps], seed)
        folder = home() / 'moving_stamps' if clips is None else Path(clips).expanduser()
        folder = folder / self.style.key(seed, Path(resolve(root)))
        super().__init__(
            _rows(stamps, tasks, self.ways, seed, ending),
            folder,
            modality='video',
            preprocessing=preprocessing,
            transform=transform,
            answer='first',
            limit=limit,
            seed=seed,
            shuffle_media=shuffle_media,
            check_media=False,
        )
        self.split = split
        self._make(Path(resolve(root)), {_clip(stamp, ending): stamp for stamp in stamps}, seed)

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict[str, Any]:
        """For dry runs: clips of 8 frames of 32 pixels of a few made-up stamps a split."""
        write_synthetic_stamps(folder / 'stamps', arguments.get('seed', 0))
        return {**arguments, 'root': str(folder / 'stamps'), 'clips': str(folder / 'clips'), 'size': 32, 'frames': 8}

    @staticmethod
    def closed_tasks(arguments: Mapping[str, Any]) -> dict[str, bool]:
        """The tasks that these arguments ask for; all have a closed set of answers."""
        return dict.fromkeys(arguments.get('tasks', TASKS), True)

    def _make(self, root: Path, stamps: Mapping[str, Stamp], seed: int) -> None:
        """Write the clips that are not there; of several processes one does while the others wait."""
        try:
            if is_main_process():
                missing = [media for media in self.media if not self.media_path(media).exists()]
                with progress_bar('making clips', len(missing)) as advance:
                    for media in missing:
                        stamp = stamps[media].media
                        make_clip(self.media_path(media), root / stamp, self.ways[stamp], stamp, seed, self.style)
                        advance(1)
        finally:
            barrier()


def _rows(
    stamps: Sequence[Stamp], tasks: Sequence[str], ways: Mapping[str, str], seed: int, ending: str
) -> Iterator[Row]:
    for task in dict.fromkeys(tasks):
        if task == 'direction':
            for stamp in stamps:
                clip = _clip(stamp, ending)
                yield Row(f'{task}/{clip}', clip, task, QUESTION, (ways[stamp.media],), candidates=tuple(sorted(WAYS)))
            continue
        # a clip has its stamp's categories under its own name
        moving = [replace(stamp, media=_clip(stamp, ending)) for stamp in stamps]
        for asked in questions(moving, task, seed):
            answers, candidates = (asked['answer'],), tuple(asked['answers'])
            yield Row(asked['id'], asked['media'], task, asked['question'], answers, candidates=candidates)


def _clip(stamp: Stamp, ending: str) -> str:
    """The file of a stamp's clip."""
    return str(Path(stamp.media).with_suffix(ending))
