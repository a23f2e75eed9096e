import pytest

from mmalm.datasets.seeded import exchange, hash_order
from mmalm.errors import ConfigError


def test_the_order_of_those_that_stay_does_not_change():
    names = [f'{i}.png' for i in range(30)]
    order = hash_order(names, 'a')
    assert sorted(order) == sorted(names) and order != names
    assert hash_order(names[::3], 'a') == [name for name in order if name in names[::3]]
    assert hash_order(names, 'b') != order


def test_every_picture_gets_another_one():
    media = [f'{i}.png' for i in range(7)]
    shown = exchange(media, 0, 'SomeDataset')
    assert sorted(shown) == sorted(shown.values()) == media
    assert not [key for key, value in shown.items() if key == value]
    assert exchange(media, 0, 'SomeDataset') == shown != exchange(media, 1, 'SomeDataset')


@pytest.mark.parametrize(
    ('media', 'seed', 'message'),
    [
        (['a'], 0, 'SomeDataset: shuffle_media needs two pictures or more to exchange; found 1'),
        (['a', 'b'], True, 'a whole number; found True'),
        (['a', 'b'], '3', "a whole number; found '3'"),
    ],
)
def test_what_cannot_be_exchanged(media, seed, message):
    with pytest.raises(ConfigError, match=message):
        exchange(media, seed, 'SomeDataset')
