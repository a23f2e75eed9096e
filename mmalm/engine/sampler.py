"""The order of samples, a pure function of seed and epoch."""

from collections.abc import Iterator, Sized

import torch
from torch.utils.data import Sampler


class EpochSampler(Sampler[int]):
    """Indices of a data set, in order or shuffled anew every epoch.

    The order depends on seed and epoch alone, so an epoch can be entered at any position.

    Args:
        dataset: what is sampled.
        shuffle: whether to shuffle.
        seed: of the order.
    """

    def __init__(self, dataset: Sized, shuffle: bool, seed: int):
        self.size, self.shuffle, self.seed = len(dataset), shuffle, seed
        self.epoch = 0
        self.position = 0

    def set_epoch(self, epoch: int, position: int = 0) -> None:
        """Choose the epoch, and how many of its samples to leave out at its start."""
        self.epoch, self.position = epoch, position

    def generator(self) -> torch.Generator:
        """A generator of this seed and epoch."""
        return torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)

    def __iter__(self) -> Iterator[int]:
        order = torch.randperm(self.size, generator=self.generator()).tolist() if self.shuffle else range(self.size)
        yield from order[self.position :]

    def __len__(self) -> int:
        return self.size - self.position
