"""Visual question answering and captions from the Tux Paint stamps, real pictures that need no model hub."""

import io
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError
from torch.utils.data import Dataset

from ..encoders.preprocessing import Preprocessing
from ..errors import MissingDataError
from ..registry import DATASETS, TRANSFORMS
from ..zoo import resolve
from .stamps_index import SPLITS, check_choice, read_stamps
from .stamps_questions import TASKS, questions

SVG_SIZE = 448  # pixels on the longer side


@DATASETS.register_module()
class StampsDataset(Dataset):
    """The Tux Paint stamps, split by caption into train, val and test; see docs/stamps.md.

    The test split is for ``tools/test.py`` alone.

    Args:
        split: 'train', 'val' or 'test'.
        tasks: which questions are asked: 'kind' (what kind of thing), 'animal' (which kind of animal), 'name' (what it is),
            'yesno' (as many yes as no), 'caption'.
        root: the stamps folder, or its zoo name.
        preprocessing: how the encoder wants its pictures; given by the model.
        transform: config of the transform; a plain resize unless told.
        seed: of the split and of the yes/no questions.
        limit: keep the first so many pictures of a seeded order; the same ones whatever the tasks.
        shuffle_media: a seed: every picture's questions are asked about another picture, as a control.
    """

    def __init__(
        self,
        split: str,
        tasks: Sequence[str] = ('kind',),
        root: str = 'zoo:tuxpaint-stamps',
        preprocessing: Preprocessing | Mapping | None = None,
        transform: Mapping | None = None,
        seed: int = 0,
        limit: int | None = None,
        shuffle_media: int | None = None,
    ):
        check_choice('split', split, SPLITS)
        for task in tasks:
            check_choice('task', task, TASKS)
        self.root = Path(resolve(root))
        stamps = [stamp for stamp in read_stamps(self.root, seed) if stamp.split == split]
        if limit is not None:
            kept = set(random.Random(f'{seed}:limit').sample(range(len(stamps)), min(limit, len(stamps))))
            stamps = [stamp for i, stamp in enumerate(stamps) if i in kept]
        self.samples = [sample for task in tasks for sample in questions(stamps, task, seed)]
        asked = {sample['media'] for sample in self.samples}
        self.media = [stamp.media for stamp in stamps if stamp.media in asked]
        self._shown = dict(zip(self.media, self.media, strict=True))
        if shuffle_media is not None:
            self._shown = _exchange(self.media, shuffle_media)
        self.media_spec = {'background': 'white', 'svg_size': SVG_SIZE, 'square': True}
        self.transform = None
        if preprocessing is not None:
            config = transform or {'type': 'ImageTransform'}
            self.transform = TRANSFORMS.build(config, key='transform', preprocessing=preprocessing)

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> dict[str, Any]:
        sample = dict(self.samples[index])
        sample['media'] = self._shown[sample['media']]
        sample['pixels'] = self.transform(self.load_media(sample['media']))
        return sample

    def media_path(self, key: str) -> Path:
        """The file of a picture."""
        return self.root / key

    def load_media(self, key: str) -> Image.Image:
        """A picture in RGB, on a white square."""
        path = self.media_path(key)
        try:
            return on_white_square(_read(path))
        except (OSError, UnidentifiedImageError, ValueError, SyntaxError) as error:
            what = 'is missing' if not path.exists() else f'cannot be read ({error})'
            raise MissingDataError(
                f'the picture {path} {what}. Check the stamps with: python tools/zoo.py verify tuxpaint-stamps'
            ) from error


def _read(path: Path) -> Image.Image:
    if path.suffix == '.svg':
        import resvg_py

        svg = path.read_text(encoding='utf-8', errors='replace')
        png = resvg_py.svg_to_bytes(svg_string=svg, width=SVG_SIZE, dpi=96, skip_system_fonts=True)
        path_or_bytes: Any = io.BytesIO(bytes(png))
    else:
        path_or_bytes = path
    with Image.open(path_or_bytes) as picture:
        return picture.convert('RGBA')


def on_white_square(picture: Image.Image) -> Image.Image:
    """Composite an RGBA picture on white, centred on a square as wide as its longer side."""
    side = max(picture.size)
    canvas = Image.new('RGBA', (side, side), (255, 255, 255, 255))
    canvas.alpha_composite(picture, ((side - picture.width) // 2, (side - picture.height) // 2))
    return canvas.convert('RGB')


def _exchange(media: Sequence[str], seed: int) -> dict[str, str]:
    """Give every picture another one: each the next in a shuffled circle."""
    circle = list(media)
    random.Random(seed).shuffle(circle)
    return dict(zip(circle, circle[1:] + circle[:1], strict=True))
