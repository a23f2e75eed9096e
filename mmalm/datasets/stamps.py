"""Visual question answering and captions from the Tux Paint stamps, real pictures that need no model hub."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, MinLen
from PIL import Image
from torch.utils.data import Dataset

from ..encoders.preprocessing import Preprocessing
from ..errors import ConfigError, check_choice, check_tasks
from ..registry import DATASETS, TRANSFORMS
from ..zoo import resolve
from .seeded import exchange, hash_order
from .stamps_index import read_stamps
from .stamps_pictures import SPEC, on_white_square, read_stamp
from .stamps_questions import OPEN, TASKS, questions
from .stamps_split import SPLITS
from .stamps_synthetic import write_synthetic_stamps
from .transforms.sides import seen


@DATASETS.register_module()
class StampsDataset(Dataset):
    """The Tux Paint stamps, split by caption into train, val and test; see docs/stamps.md.

    The test split is for ``tools/test.py`` alone. No picture is read before its sample is asked for.

    Args:
        split: 'train', 'val' or 'test'.
        tasks: which questions are asked: 'kind' (what kind of thing), 'animal' (which kind of animal), 'name' (what it is),
            'yesno' (as many yes as no), 'caption'.
        root: the stamps folder, or its zoo name.
        preprocessing: how the encoder wants its pictures; given by the model.
        transform: config of the transform; a plain resize unless told.
        seed: of the split and of the yes/no questions.
        limit: keep so many pictures of the split, whatever the tasks; a smaller limit keeps some of a larger one's.
        shuffle_media: a seed: every picture's questions are asked about another picture, as a control.

    Raises:
        ConfigError: unknown split or task, or ``root`` is not the stamps folder.
        MissingDataError: the stamps have not been fetched; on reading a sample, its picture is missing or damaged.
    """

    nodes = {'transform': TRANSFORMS}
    # a picture in RGBA as this data set shows its own, for pictures that come from elsewhere
    prepare_picture = staticmethod(on_white_square)

    def __init__(
        self,
        split: Literal['train', 'val', 'test'],
        tasks: Annotated[Sequence[Literal['kind', 'animal', 'name', 'yesno', 'caption']], MinLen(1)] = ('kind',),
        root: str = 'zoo:tuxpaint-stamps',
        preprocessing: Preprocessing | Mapping | None = None,
        transform: Mapping | None = None,
        seed: int = 0,
        limit: Annotated[int, Ge(1)] | None = None,
        shuffle_media: int | None = None,
    ):
        check_choice('StampsDataset', 'split', split, SPLITS)
        check_tasks('StampsDataset', tasks, TASKS)
        if limit is not None and (not isinstance(limit, int) or limit < 1):
            raise ConfigError(f'StampsDataset: limit is how many pictures to keep, 1 or more; found {limit!r}.')
        self.root = Path(resolve(root))
        stamps = [stamp for stamp in read_stamps(self.root, seed) if stamp.split == split]
        if limit is not None:
            kept = set(hash_order([stamp.media for stamp in stamps], f'{seed}:limit')[:limit])
            stamps = [stamp for stamp in stamps if stamp.media in kept]
        self.samples = [sample for task in dict.fromkeys(tasks) for sample in questions(stamps, task, seed)]
        asked = {sample['media'] for sample in self.samples}
        self.media = [stamp.media for stamp in stamps if stamp.media in asked]
        self._shown = dict(zip(self.media, self.media, strict=True))
        if shuffle_media is not None:
            self._shown = exchange(self.media, shuffle_media, type(self).__name__)
        self.media_spec = SPEC
        self.transform = None
        if preprocessing is not None:
            config = transform or {'type': 'ImageTransform'}
            self.transform = TRANSFORMS.build(config, key='transform', preprocessing=preprocessing)

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict:
        """For dry runs: a few made-up stamps a split, in the package's layout."""
        write_synthetic_stamps(folder, arguments.get('seed', 0))
        return {**arguments, 'root': str(folder)}

    @staticmethod
    def closed_tasks(arguments: Mapping[str, Any]) -> dict[str, bool]:
        """Of each task that these arguments ask for, whether its questions have a closed set of answers."""
        return {task: task not in OPEN for task in arguments.get('tasks', ('kind',))}

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> dict[str, Any]:
        """The sample: id, media, pixels ``[3, H, W]``, task, question, answer, answers (empty where open)."""
        if self.transform is None:
            raise ConfigError(
                "StampsDataset: 'preprocessing' was not given, so pictures cannot be made into pixels. "
                "Give it the model's: preprocessing=model.preprocessing."
            )
        sample = {**self.samples[index]}
        sample['media'] = self._shown[sample['media']]
        sample['pixels'] = seen(
            self.transform, self.load_media(sample['media']), (sample['question'], sample['answer'])
        )
        return sample

    def media_path(self, key: str) -> Path:
        """The file of a picture."""
        return self.root / key

    def load_media(self, key: str) -> Image.Image:
        """A picture in RGB, on a white square."""
        asked_of = ', '.join(sample['id'] for sample in self.samples if self._shown[sample['media']] == key)
        return read_stamp(self.media_path(key), of=f'sample {asked_of}' if asked_of else key)
