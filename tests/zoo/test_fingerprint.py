import pytest
import torch
from torch import nn

from mmalm.zoo.fingerprint import SAMPLES, fingerprint


def weights(**changes):
    torch.manual_seed(3)
    state = {'a': torch.randn(3, 4), 'b': torch.arange(5), 'c': torch.tensor(2.0), 'e': torch.empty(0, 3)}
    return {**state, **changes}


def test_same_weights_have_the_same_fingerprint_in_any_order():
    found = fingerprint(weights())
    assert len(found) == 64 and found == fingerprint(dict(reversed(weights().items())))
    stored = torch.empty(4, 3).T.copy_(weights()['a'])  # other strides, same values
    assert not stored.is_contiguous() and fingerprint(weights(a=stored)) == found


@pytest.mark.parametrize(
    'other',
    [
        weights(a=weights()['a'].reshape(4, 3)),
        weights(b=torch.arange(5, dtype=torch.int32)),
        weights(c=torch.tensor(2.0).nextafter(torch.tensor(3.0))),
        weights(d=torch.zeros(1)),
        {name.replace('c', 'd'): value for name, value in weights().items()},
    ],
    ids=['shape', 'type', 'value', 'more', 'name'],
)
def test_any_change_shows(other):
    assert fingerprint(other) != fingerprint(weights())


def test_large_tensors_are_read_on_a_stride():
    values = torch.randn(SAMPLES * 3)
    before = fingerprint({'a': values})
    for position, shows in ((0, True), (3, True), (SAMPLES * 3 - 3, True), (1, False), (SAMPLES * 3 - 1, False)):
        changed = values.clone()
        changed[position] += 1e-3
        assert (fingerprint({'a': changed}) != before) == shows, position


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16, torch.float64, torch.bool])
def test_types_numpy_lacks(dtype):
    values = torch.ones(2, 3).to(dtype)
    changed = values.clone()
    changed[1, 2] = 0
    assert fingerprint({'a': values}) == fingerprint({'a': values.clone()}) != fingerprint({'a': changed})


def test_modules_without_what_is_not_saved_with_them():
    class Net(nn.Linear):
        def __init__(self, scratch):
            torch.manual_seed(0)
            super().__init__(2, 2)
            self.register_buffer('scratch', torch.tensor(scratch), persistent=False)

    model = Net(1.0)
    assert fingerprint(model) == fingerprint(Net(2.0)) == fingerprint(model.state_dict())
    model.bias.data[1] += 1
    assert fingerprint(model) != fingerprint(Net(1.0))


def test_without_values_it_says_so():
    with torch.device('meta'):
        assert fingerprint(nn.Linear(2, 2)) == 'meta'
