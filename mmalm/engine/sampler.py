"""The order of samples, a pure function of seed and epoch, and each process's part of every batch."""

from collections.abc import Iterator, Sized
from contextlib import contextmanager

import torch
from torch.utils.data import Sampler

# the epoch travels with the index: workers may outlive an epoch, and draw each sample's random numbers by both
Draw = tuple[int, int]


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


class EpochBatches(Sampler[list[Draw]]):
    """One process's part of every batch of an epoch, as ``(epoch, index)`` of each sample.

    ``batch_size`` counts the samples of all processes together, so that the number of batches, and what is in them, do not
    depend on how many processes there are. A last, smaller batch is dealt out as evenly as it goes; a process that gets
    none of it is given an empty part, so that all take the same number of steps.

    Args:
        order: of the samples.
        batch_size: samples a batch, all processes together.
        drop_last: leave out the last batch where it is smaller.
        rank, world_size: which process this is, of how many.
    """

    def __init__(
        self, order: EpochSampler, batch_size: int, drop_last: bool = False, rank: int = 0, world_size: int = 1
    ):
        self.order, self.batch_size, self.drop_last = order, batch_size, drop_last
        self.rank, self.world_size = rank, world_size

    def set_epoch(self, epoch: int, start: int = 0) -> None:
        """Choose the epoch, and how many of its batches to leave out at its start."""
        self.order.set_epoch(epoch, start * self.batch_size)

    @contextmanager
    def undivided(self) -> Iterator[None]:
        """Give this process whole batches inside."""
        mine = self.rank, self.world_size
        self.rank, self.world_size = 0, 1
        try:
            yield
        finally:
            self.rank, self.world_size = mine

    def __iter__(self) -> Iterator[list[Draw]]:
        indices = list(self.order)
        for first in range(0, len(indices), self.batch_size):
            batch = indices[first : first + self.batch_size]
            if len(batch) < self.batch_size and self.drop_last:
                return
            mine = batch[self._bound(len(batch), self.rank) : self._bound(len(batch), self.rank + 1)]
            yield [(self.order.epoch, index) for index in mine]

    def _bound(self, size: int, rank: int) -> int:
        return size * rank // self.world_size

    def __len__(self) -> int:
        """Batches of a whole epoch, wherever it is entered."""
        whole, left = divmod(self.order.size, self.batch_size)
        return whole + (left > 0 and not self.drop_last)
