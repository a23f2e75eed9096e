"""What watches and what stands in for torch's operations on the meta device."""

import pytest
import torch
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode

from mmalm.analysis.modes import FusedAttention, HalfPrecision, NothingPadded, Products


@pytest.fixture(autouse=True)
def on_meta():
    with torch.device('meta'):
        yield


def test_products_are_those_of_torchs_own_counter():
    booked = []
    x, w = torch.zeros(2, 3, 8, requires_grad=True), torch.zeros(5, 8, requires_grad=True)
    picture, kernel = torch.zeros(2, 3, 9, 9), torch.zeros(4, 3, 3, 3, requires_grad=True)

    def run():
        out = F.linear(x, w, torch.zeros(5)) @ torch.zeros(2, 5, 7)
        (out.sum() + F.conv2d(picture, kernel).sum()).backward()

    with Products(lambda *found: booked.append(found)):
        run()
    with FlopCounterMode(display=False) as counter:
        run()
    assert sum(flops for flops, _, _ in booked) == counter.get_total_flops()
    assert sum(flops for flops, batched, _ in booked if batched) == 2 * (2 * 2 * 3 * 5 * 7)
    assert booked[0][2].shape == (6, 5)


@pytest.mark.parametrize(('keys', 'gqa'), [(6, False), (9, False), (6, True)])
def test_attention_is_one_kernel_of_all_pairs(keys, gqa):
    query = torch.zeros(2, 4, 6, 8, requires_grad=True)
    key, value = (torch.zeros(2, 2 if gqa else 4, keys, 8, requires_grad=True) for _ in range(2))
    booked, kept = [], []
    with (
        FusedAttention(lambda flops, dtype: booked.append((flops, dtype))),
        torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t.shape) or t, lambda t: t),
    ):
        out = F.scaled_dot_product_attention(query, key, value, is_causal=True, enable_gqa=gqa)
        out.sum().backward()
    product = 2 * 2 * 4 * 6 * keys * 8
    assert booked == [(2 * product, torch.float32), (4 * product, torch.float32)]
    assert out.shape == query.shape == query.grad.shape and value.grad.shape == value.shape
    assert kept == [query.shape, key.shape, value.shape, out.shape, (2, 4, 6)]


@pytest.mark.parametrize(('needs', 'products'), [('query', 2), ('key', 2), ('value', 1), ('query key', 3)])
def test_attention_s_backward_costs_what_is_asked_for(needs, products):
    inputs = {n: torch.zeros(1, 1, 3, 4, requires_grad=n in needs.split()) for n in ('query', 'key', 'value')}
    booked = []
    with FusedAttention(lambda flops, dtype: booked.append(flops)):
        F.scaled_dot_product_attention(**inputs).sum().backward()
    assert booked == [2 * 72, products * 72]


def test_half_precision_casts_as_autocast_does():
    """Types on the meta device are those of autocast on a CPU."""

    def types(device):
        x = torch.zeros(2, 4, 8, device=device)
        norm, linear = torch.nn.LayerNorm(8, device=device), torch.nn.Linear(8, 8, device=device)
        hidden = linear(norm(x))
        heads = hidden.view(2, 4, 2, 4)
        attended = F.scaled_dot_product_attention(heads, heads, heads)
        steps = [norm(x), hidden, attended, hidden @ hidden.mT, x + hidden, F.gelu(hidden)]
        return [
            step.dtype
            for step in [*steps, F.cross_entropy(hidden[:, 0], torch.zeros(2, dtype=torch.long, device=device))]
        ]

    with torch.autocast('cpu', dtype=torch.bfloat16):
        expected = types('cpu')
    with HalfPrecision(torch.bfloat16):
        found = types('meta')
    assert found == expected
    assert {torch.bfloat16, torch.float32} == set(found)
    with HalfPrecision(torch.float16):  # as on CUDA; a CPU leaves norms as they are
        assert F.layer_norm(torch.zeros(2, 8, dtype=torch.float16), (8,)).dtype == torch.float32


def test_questions_about_padding():
    mask, ids = torch.ones(2, 3, dtype=torch.bool), torch.zeros(2, 3, dtype=torch.long)
    with NothingPadded():
        assert mask.all() and 1 not in ids
    with pytest.raises(RuntimeError):
        bool(mask.all())
    with NothingPadded():
        assert not torch.zeros(1, device='cpu') and 0 in torch.zeros(1, device='cpu')
