from mmalm.engine.sampler import EpochSampler


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
