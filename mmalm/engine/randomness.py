"""Seeds, and the state of every random number generator a run draws from."""

import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

# tensors, and what goes into JSON
RandomState = tuple[dict[str, Tensor], dict[str, Any]]


def process_seed(seed: int, rank: int) -> int:
    """The seed of one process's model: the main process draws as a run of one process does, the others otherwise."""
    return seed if rank == 0 else seed + 7_919_000_003 * rank


def seed_everything(seed: int) -> None:
    """Seed python, numpy and torch, on all devices."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def seed_worker(worker: int) -> None:
    """Seed python and numpy in a data-loader worker as torch seeded it."""
    seed = torch.initial_seed()
    random.seed(seed)
    np.random.seed(seed % 2**32)


def random_state() -> RandomState:
    """All generators' states: tensors, and what goes into JSON."""
    version, internal, gauss = random.getstate()
    kind, keys, position, has_gauss, cached = np.random.get_state()
    tensors = {
        'python': torch.tensor(internal, dtype=torch.int64),
        'numpy': torch.from_numpy(keys.astype(np.int64)),
        'torch': torch.get_rng_state(),
    }
    if torch.cuda.is_available():
        tensors |= {f'cuda.{i}': state for i, state in enumerate(torch.cuda.get_rng_state_all())}
    return tensors, {'python': [version, gauss], 'numpy': [kind, int(position), int(has_gauss), float(cached)]}


def set_random_state(tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
    """Put the generators into a state that :func:`random_state` gave; devices that are not here are left out."""
    version, gauss = values['python']
    random.setstate((version, tuple(tensors['python'].tolist()), gauss))
    kind, position, has_gauss, cached = values['numpy']
    np.random.set_state((kind, tensors['numpy'].numpy().astype(np.uint32), position, has_gauss, cached))
    torch.set_rng_state(tensors['torch'])
    for i in range(torch.cuda.device_count()):
        if f'cuda.{i}' in tensors:
            torch.cuda.set_rng_state(tensors[f'cuda.{i}'], i)
