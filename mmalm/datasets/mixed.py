"""Several data sets as one, of one modality or of several."""

import copy
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
from annotated_types import Gt, MinLen
from torch.utils.data import Dataset

from ..errors import ConfigError
from ..registry import DATASETS
from .building import build_dataset


@DATASETS.register_module()
class MixedDataset(Dataset):
    """Data sets one after the other. Shuffled, their samples mix in every batch, which MultimodalLM takes as it is.

    Ids and media keys begin with the place of their data set, as in '0/...', and every sample says its 'modality'.

    Args:
        datasets: configs of the data sets.
        weights: the share of each in an epoch, for training: 3 and 1 make three in four samples those of the first. The epoch is
            as long as all of them together; of a data set with a smaller share than its size a part is drawn, another every
            epoch, and one with a larger share is gone through more than once. ``None``: every sample once.
        preprocessing_of: from a modality to how its encoder wants its input; given by the model.
        shuffle_media: a seed: in each data set, every file's questions are asked about another file, as a control.

    Attributes:
        parts: the data sets.

    Raises:
        ConfigError: no data set, an empty one, or another number of weights.
    """

    nodes = {'datasets': DATASETS}
    modality = None  # each part has its own

    def __init__(
        self,
        datasets: Annotated[Sequence[Mapping], MinLen(1)],
        weights: Sequence[Annotated[float, Gt(0)]] | None = None,
        preprocessing_of: Callable[[str], Any] | None = None,
        shuffle_media: int | None = None,
    ):
        if not datasets:
            raise ConfigError('MixedDataset: datasets is a list of data sets; found none.')
        changes = {} if shuffle_media is None else {'shuffle_media': shuffle_media}
        self.parts = [
            build_dataset(
                {**config, **changes} if isinstance(config, Mapping) else config, f'datasets.{i}', preprocessing_of
            )
            for i, config in enumerate(datasets)
        ]
        for place, part in enumerate(self.parts):
            if len(part) == 0:
                raise ConfigError(
                    f'MixedDataset: datasets.{place} ({type(part).__name__}) is empty. Check its split and filters.'
                )
        self._names = [type(part).__name__ for part in self.parts]
        self.weights = weights
        self._ends = np.cumsum(self._counts())

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict:
        """For dry runs: its parts shrink themselves."""
        return dict(arguments)

    @staticmethod
    def closed_tasks(arguments: Mapping[str, Any]) -> dict[str, bool] | None:
        """Of each task of the data sets, whether its questions have a closed set of answers; None where one does not say."""
        found: dict[str, bool] = {}
        for config in arguments['datasets']:
            component = DATASETS.get(config.get('type'))
            if not hasattr(component, 'closed_tasks'):
                return None
            for task, closed in (component.closed_tasks(dict(config)) or {}).items():
                found[task] = found.get(task, False) or closed
        return found

    @property
    def media(self) -> list[str]:
        """Keys of all files."""
        return [f'{place}/{key}' for place, part in enumerate(self.parts) for key in part.media]

    @property
    def notes(self) -> list[str]:
        """What is worth knowing about the data, with the name of the data set."""
        named = zip(self._names, self.parts, strict=True)
        return [f'{name}: {note}' for name, part in named for note in getattr(part, 'notes', ())]

    def __len__(self) -> int:
        return int(self._ends[-1])

    def __getitem__(self, index: int) -> dict[str, Any]:
        """The sample, with 'modality'."""
        if not 0 <= index < len(self):
            raise IndexError(index)
        place = int(np.searchsorted(self._ends, index, side='right'))
        part = self.parts[place]
        start = int(self._ends[place - 1]) if place else 0
        sample = part[_draw(index - start, int(self._ends[place]) - start, len(part))]
        modality = sample.get('modality') or getattr(part, 'modality', 'image')
        named = {name: f'{place}/{sample[name]}' for name in ('id', 'media')}
        return {**sample, **named, 'modality': modality}

    def with_parts(self, parts: Sequence[Any]) -> 'MixedDataset':
        """The same mixture of other data sets, as of these with their features cached."""
        mixed = copy.copy(self)
        mixed.parts = list(parts)
        return mixed

    def media_path(self, key: str) -> Path:
        """The file under a key."""
        part, own = self._of(key)
        return part.media_path(own)

    def load_media(self, key: str) -> Any:
        """What the file holds."""
        part, own = self._of(key)
        return part.load_media(own)

    def part_of(self, key: str) -> Any:
        """The data set of a media key."""
        return self._of(key)[0]

    def _of(self, key: str) -> tuple[Any, str]:
        place, _, own = key.partition('/')
        return self.parts[int(place)], own

    def _counts(self) -> list[int]:
        """Samples of each data set in an epoch."""
        sizes = [len(part) for part in self.parts]
        if self.weights is None:
            return sizes
        if len(self.weights) != len(sizes):
            raise ConfigError(f'MixedDataset: {len(self.weights)} weights for {len(sizes)} data sets.')
        ends = np.round(np.cumsum(self.weights) / sum(self.weights) * sum(sizes)).astype(int)
        counts = np.diff(ends, prepend=0).tolist()
        if 0 in counts:
            raise ConfigError(
                f'MixedDataset: weights={list(self.weights)} leave no sample of datasets.{counts.index(0)}.'
            )
        return counts


def _draw(number: int, count: int, size: int) -> int:
    """Which of ``size`` samples is number ``number`` of ``count``: each in turn; where fewer are asked for, one of its stretch."""
    if count >= size:
        return number % size
    first, end = number * size // count, (number + 1) * size // count
    # the generator is seeded for each sample and epoch
    return first + int(torch.randint(end - first, ()))
