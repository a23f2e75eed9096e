import random

import numpy as np
import pytest
import torch

from mmalm.engine.data import make_loader, set_epoch
from mmalm.engine.seeded_samples import SeededSamples


class Drawing(torch.utils.data.Dataset):
    """Each sample draws from all three generators."""

    kind = 'drawing'

    def __len__(self):
        return 10

    def __getitem__(self, index):
        return torch.tensor([index, random.random(), np.random.rand(), torch.rand(()).item()], dtype=torch.float64)


def draws(epoch=0, start=0, seed=0, **arguments):
    loader = make_loader(Drawing(), seed=seed, batch_size=4, collate=torch.stack, **arguments)
    set_epoch(loader, epoch, start)
    return torch.cat(list(loader))


def test_draws_depend_on_seed_epoch_and_index_alone():
    first = draws()
    assert torch.equal(first, draws())
    assert len(set(first[:, 1:].flatten().tolist())) == 30
    for other in (draws(epoch=1), draws(seed=1)):
        assert torch.equal(first[:, 0], other[:, 0]) and not (first[:, 1:] == other[:, 1:]).any()
    shuffled = draws(shuffle=True)
    assert torch.equal(shuffled[shuffled[:, 0].argsort()], first)


@pytest.mark.parametrize('workers', [1, 2])
@pytest.mark.parametrize('persistent', [False, True])
def test_workers_change_nothing(workers, persistent):
    expected = [draws(epoch) for epoch in range(2)]
    loader = make_loader(
        Drawing(), batch_size=4, num_workers=workers, persistent_workers=persistent, collate=torch.stack
    )
    for epoch in range(2):
        set_epoch(loader, epoch)
        assert torch.equal(torch.cat(list(loader)), expected[epoch])


@pytest.mark.parametrize('workers', [0, 2])
def test_entering_an_epoch_in_its_middle_changes_nothing(workers):
    assert torch.equal(draws(1, start=1, num_workers=workers), draws(1)[4:])


def test_the_generators_of_the_process_are_not_disturbed():
    states = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state()
    draws()
    assert random.getstate() == states[0] and np.random.get_state()[1].tolist() == states[1]
    assert torch.equal(torch.get_rng_state(), states[2])


def test_everything_else_is_the_data_sets_own():
    samples = SeededSamples(Drawing(), seed=0)
    assert (len(samples), samples.kind) == (10, 'drawing')
    assert torch.equal(samples[3], samples[(0, 3)])
    with pytest.raises(AttributeError, match='nothing'):
        _ = samples.nothing
