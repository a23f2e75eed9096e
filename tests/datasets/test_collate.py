import pytest
import torch

from mmalm.datasets import collate
from mmalm.errors import ConfigError


def sample(number, **tensors):
    text = dict(task='kind', question='what?', answer='bird', answers=['bird', 'cat'])
    return {'id': f's{number}', 'media': f'{number}.png', **text, **tensors}


def test_pixels_are_stacked_and_the_rest_listed():
    batch = collate([sample(n, pixels=torch.full((3, 2, 4), float(n))) for n in range(3)])
    assert batch['pixels'].shape == (3, 3, 2, 4)
    assert batch['pixels'][2].eq(2).all()
    assert batch['id'] == ['s0', 's1', 's2']
    assert batch['answers'] == [['bird', 'cat']] * 3
    assert sorted(batch) == ['answer', 'answers', 'id', 'media', 'pixels', 'question', 'task']


def test_cached_features_are_stacked_in_their_place():
    batch = collate([sample(n, features=torch.zeros(6, 5)) for n in range(2)])
    assert batch['features'].shape == (2, 6, 5)
    assert 'pixels' not in batch


@pytest.mark.parametrize(
    ('samples', 'message'),
    [
        ([], 'empty batch'),
        ([sample(0)], 'found neither'),
        ([sample(0, pixels=torch.zeros(3, 1, 1)), sample(1, features=torch.zeros(1, 1))], 'found features and pixels'),
        ([sample(n, pixels=torch.zeros(3, 1, 1 + n)) for n in range(2)], 'differ in shape'),
    ],
)
def test_batches_that_cannot_be(samples, message):
    with pytest.raises(ConfigError, match=message):
        collate(samples)
