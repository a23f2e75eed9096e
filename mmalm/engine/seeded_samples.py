"""Random choices of a data set and its transforms that depend on the sample and the epoch, and on nothing else."""

import hashlib
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset, get_worker_info

from .sampler import Draw


class SeededSamples(Dataset):
    """A data set whose samples are drawn with python's, numpy's and torch's CPU generators seeded for each of them.

    The seed follows from ``(seed, epoch, index)``: how many workers or processes load, in what order, and where a run was
    resumed change nothing. Afterwards the generators are as they were, so that loading does not disturb the model's own
    randomness. Everything but the samples is the data set's own.

    Args:
        dataset: gives samples by index.
        seed: of the run.
    """

    def __init__(self, dataset: Any, seed: int):
        self.dataset, self.seed = dataset, seed

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, draw: Draw | int) -> dict[str, Any]:
        epoch, index = draw if isinstance(draw, tuple) else (0, draw)
        with seeded(f'{self.seed}/{epoch}/{index}'):
            return self.dataset[index]

    def __getattr__(self, name: str) -> Any:
        if name.startswith('__') or 'dataset' not in self.__dict__:
            raise AttributeError(name)
        return getattr(self.dataset, name)


@contextmanager
def seeded(text: str) -> Iterator[None]:
    """Python's, numpy's and torch's CPU generators seeded by ``text`` inside, and as they were afterwards."""
    # a worker's generators serve nothing else
    before = None if get_worker_info() else (random.getstate(), np.random.get_state(), torch.get_rng_state())
    seed = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=7).digest())
    try:
        random.seed(seed)
        np.random.seed(seed % 2**32)
        # not torch.manual_seed, which would seed the model's generators on other devices too
        torch.default_generator.manual_seed(seed)
        yield
    finally:
        if before is not None:
            random.setstate(before[0])
            np.random.set_state(before[1])
            torch.set_rng_state(before[2])
