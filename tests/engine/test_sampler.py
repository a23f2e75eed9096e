import pytest

from mmalm.engine.sampler import EpochBatches, EpochSampler


def test_every_index_once_an_epoch_in_an_order_of_its_own():
    sampler = EpochSampler(range(20), shuffle=True, seed=1)
    orders = []
    for epoch in range(3):
        sampler.set_epoch(epoch)
        orders.append(tuple(sampler))
    assert all(sorted(order) == list(range(20)) for order in orders)
    assert len(set(orders)) == 3


def test_an_epoch_can_be_entered_anywhere():
    sampler = EpochSampler(range(20), shuffle=True, seed=1)
    sampler.set_epoch(2)
    whole = list(sampler)
    sampler.set_epoch(2, position=13)
    assert list(sampler) == whole[13:] and len(sampler) == 7


def test_in_order():
    assert list(EpochSampler(range(4), shuffle=False, seed=1)) == [0, 1, 2, 3]


def batches(size, batch_size, **arguments):
    return EpochBatches(EpochSampler(range(size), shuffle=True, seed=1), batch_size, **arguments)


def test_batches_carry_the_epoch_and_can_be_entered_anywhere():
    whole = batches(11, 4)
    whole.set_epoch(3)
    all_of_them = list(whole)
    assert [len(batch) for batch in all_of_them] == [4, 4, 3] and {
        epoch for batch in all_of_them for epoch, _ in batch
    } == {3}
    whole.set_epoch(3, start=2)
    assert list(whole) == all_of_them[2:]
    assert len(whole) == 3  # of the epoch, wherever it is entered


@pytest.mark.parametrize('size', [16, 17, 18, 19, 23])
@pytest.mark.parametrize('processes', [2, 4])
def test_processes_share_every_batch_and_nothing_is_left_out_or_twice(size, processes):
    together = list(batches(size, 8))
    parts = [list(batches(size, 8, rank=rank, world_size=processes)) for rank in range(processes)]
    assert [sum((part[i] for part in parts), []) for i in range(len(together))] == together
    for i in range(len(together)):
        sizes = [len(part[i]) for part in parts]
        assert max(sizes) - min(sizes) <= 1


def test_the_last_smaller_batch_can_be_left_out():
    assert [len(batch) for batch in batches(11, 4, drop_last=True)] == [4, 4] and len(
        batches(11, 4, drop_last=True)
    ) == 2


def test_one_process_can_have_whole_batches():
    part = batches(8, 4, rank=1, world_size=2)
    with part.undivided():
        assert list(part) == list(batches(8, 4))
    assert [len(batch) for batch in part] == [2, 2]
