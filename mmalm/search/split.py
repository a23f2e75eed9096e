"""The part of the training data that gives rewards, and what is left to train on."""

from collections.abc import Sequence
from typing import Any

from torch.utils.data import Dataset

from ..datasets.blind import blind, texts
from ..datasets.seeded import hash_order
from ..errors import ConfigError


class Part(Dataset):
    """Some samples of a data set; everything else is the data set's own.

    Args:
        dataset: gives samples by index.
        indices: which.
    """

    def __init__(self, dataset: Any, indices: Sequence[int]):
        self.dataset, self.indices = dataset, list(indices)

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self.dataset[self.indices[index]]

    def blind(self) -> 'Part':
        """The same without media; see :func:`~mmalm.datasets.blind.blind`."""
        return Part(blind(self.dataset), self.indices)

    def __getattr__(self, name: str) -> Any:
        if name.startswith('__') or 'dataset' not in self.__dict__:
            raise AttributeError(name)
        return getattr(self.dataset, name)


def cut(dataset: Any, share: float, seed: int) -> tuple[Part, Part]:
    """A training data set in two: to train on, and to be rewarded on.

    All samples of a picture, clip or sound are on one side. Which side follows from its key and the seed alone.

    Args:
        dataset: the training split.
        share: of its media, for rewards.
        seed: of the cut.

    Raises:
        ConfigError: a side is empty, or samples that are drawn anew every epoch.
    """
    if getattr(dataset, 'weights', None) is not None:
        raise ConfigError(
            'search: a mixture with weights draws other samples every epoch, so none can be held out for rewards. Leave the '
            "mixture's weights out."
        )
    media = [sample['media'] for sample in texts(dataset)]
    keys = sorted(set(media))
    held = set(hash_order(keys, f'{seed}:search')[: round(share * len(keys))])
    if not 0 < len(held) < len(keys):
        raise ConfigError(
            f'search.share={share} of {len(keys)} training pictures leaves {len(held)} for rewards and {len(keys) - len(held)} to '
            'train on: both need some.'
        )
    sides = ([i for i, key in enumerate(media) if (key in held) is reward] for reward in (False, True))
    training, rewarded = (Part(dataset, side) for side in sides)
    return training, rewarded
