import pytest
import torch
from torch import nn

from mmalm.engine.optim_wrapper import NonFiniteError, OptimWrapper
from mmalm.errors import ConfigError


def wrapper(parameter, lr=1.0, **arguments):
    return OptimWrapper(torch.optim.SGD([parameter], lr=lr), **arguments)


def test_two_half_batches_equal_one_batch():
    torch.manual_seed(0)
    x, y = torch.randn(8, 4), torch.randn(8, 1)
    results = []
    for parts in (1, 2):
        weight = nn.Parameter(torch.ones(4, 1))
        optim = wrapper(weight, accumulate=parts)
        optim.initialize_count_status(None, 0, 2 * parts)
        for _ in range(2):
            for a, b in zip(x.chunk(parts), y.chunk(parts), strict=True):
                optim.update_params((a @ weight - b).square().mean())
        results.append(weight.detach().clone())
    torch.testing.assert_close(results[0], results[1])
    assert not torch.equal(results[0], torch.ones(4, 1))


def test_what_is_left_at_the_end_of_an_epoch_is_stepped_on_with_its_own_mean():
    weight = nn.Parameter(torch.zeros(1))
    optim = wrapper(weight, accumulate=2)
    optim.initialize_count_status(None, 0, 3)
    values = []
    for slope in (1.0, 3.0, 5.0):
        optim.update_params(slope * weight.sum())
        values.append(weight.item())
    assert values == [0.0, -2.0, -7.0]


def test_clipping_scales_the_gradient_to_the_norm():
    weight = nn.Parameter(torch.zeros(2))
    wrapper(weight, clip_norm=1.0).update_params((torch.tensor([3.0, 4.0]) * weight).sum())
    assert weight.tolist() == pytest.approx([-0.6, -0.8], rel=1e-5)


def test_a_small_gradient_is_not_scaled_up():
    weight = nn.Parameter(torch.zeros(2))
    wrapper(weight, clip_norm=10.0).update_params((torch.tensor([3.0, 4.0]) * weight).sum())
    assert weight.tolist() == [-3.0, -4.0]


def test_bf16_runs_on_the_cpu_and_weights_stay_float32():
    layer = nn.Linear(4, 4)
    optim = OptimWrapper(torch.optim.AdamW(layer.parameters()), precision='bf16')
    with optim.optim_context(layer):
        out = layer(torch.randn(2, 4))
    assert out.dtype == torch.bfloat16
    optim.update_params(out.float().square().mean())
    assert {p.dtype for p in layer.parameters()} == {torch.float32}
    states = [t for state in optim.optimizer.state.values() for t in state.values()]
    assert {t.dtype for t in states} == {torch.float32}


@pytest.mark.gpu
def test_fp16_skips_a_step_that_overflows_and_lowers_the_scale():
    weight = nn.Parameter(torch.ones(1, device='cuda'))
    optim = wrapper(weight, precision='fp16')
    before = optim.scaler.get_scale()
    optim.update_params(weight.sum() * 3e38)
    assert weight.item() == 1.0 and optim.scaler.get_scale() < before
    optim.update_params(weight.sum())
    assert weight.item() == 0.0


@pytest.mark.parametrize('bad', [float('nan'), float('inf')])
def test_a_non_finite_loss_is_never_stepped_on(bad):
    weight = nn.Parameter(torch.ones(2))
    optim = wrapper(weight)
    with pytest.raises(NonFiniteError, match='the loss is'):
        optim.update_params(weight.sum() * bad)
    assert weight.tolist() == [1.0, 1.0] and weight.grad is None


def test_a_non_finite_gradient_of_a_finite_loss_is_never_stepped_on():
    weight = nn.Parameter(torch.zeros(2))
    optim = wrapper(weight)
    with pytest.raises(NonFiniteError, match='gradient norm is'):
        optim.update_params(weight.sqrt().sum())  # the slope of a root at 0 is infinite
    assert weight.tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        ({'accumulate': 0}, 'whole number from 1'),
        ({'clip_norm': 0}, 'above 0'),
        ({'precision': 'fp16'}, 'needs a CUDA device'),
        ({'precision': 'bf61'}, "Did you mean 'bf16'"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ConfigError, match=message):
        wrapper(nn.Parameter(torch.ones(1)), **arguments)
