"""Accumulated batches of unlike weight make the step of one large batch. Several processes: test_distributed."""

import pytest
import torch
from torch import nn

from mmalm.engine.averaging import mean_over_processes
from mmalm.engine.facade import Facade
from mmalm.engine.optim_wrapper import NonFiniteError, OptimWrapper


class Tokens(nn.Module):
    """The mean over the numbers of a batch."""

    def __init__(self):
        super().__init__()
        self.slope, self.unused = nn.Parameter(torch.tensor(1.0)), nn.Parameter(torch.tensor(1.0))

    def loss(self, batch):
        values = torch.tensor(batch['values'])
        return {'loss': (self.slope * values).square().mean(), 'weight': len(values), 'largest': values.max()}


def train(batches, accumulate):
    model = Tokens()
    facade = Facade(model)
    optim = OptimWrapper(torch.optim.AdamW(model.parameters(), lr=0.1, weight_decay=0.5), accumulate=accumulate)
    optim.initialize_count_status(facade, 0, len(batches))
    logged = [facade.train_step({'values': values}, optim) for values in batches]
    return model, logged


def test_batches_count_by_what_their_losses_are_means_over():
    one, _ = train([[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]], accumulate=1)
    three, logged = train([[1.0], [2.0, 3.0, 4.0], [5.0, 6.0, 7.0]], accumulate=3)
    assert three.slope.item() == pytest.approx(one.slope.item(), rel=1e-6) and one.slope.item() != 1.0
    assert [row['largest'] for row in logged] == [1.0, 4.0, 7.0] and set(logged[0]) == {'loss', 'largest'}


def test_a_single_batch_is_untouched_by_its_weight():
    facade = Facade(Tokens())
    optim = OptimWrapper(torch.optim.SGD(facade.parameters(), lr=0.0))
    optim.zero_grad = lambda: None
    facade.train_step({'values': [0.1, 0.2, 0.3]}, optim)
    expected = torch.autograd.grad(facade.module.loss({'values': [0.1, 0.2, 0.3]})['loss'], facade.module.slope)
    assert torch.equal(facade.module.slope.grad, expected[0])


def test_what_has_no_gradient_is_not_decayed():
    model, _ = train([[1.0], [2.0]], accumulate=2)
    assert model.unused.item() == 1.0


def test_a_bad_loss_drops_what_was_accumulated():
    facade = Facade(Tokens())
    optim = OptimWrapper(torch.optim.SGD(facade.parameters(), lr=1.0), accumulate=2)
    facade.train_step({'values': [1.0]}, optim)
    with pytest.raises(NonFiniteError, match='the loss is nan'):
        facade.train_step({'values': [float('nan')]}, optim)
    assert facade.module.slope.grad is None and facade.module.slope.item() == 1.0


def test_one_process_logs_its_own_values():
    assert mean_over_processes({'loss': 2.0}, 3.0) == {'loss': 2.0}
