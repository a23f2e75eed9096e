"""Attention kernels on a GPU: a forward and backward pass of OPT-125M's size in bfloat16, with padding and without.

The injector's masks differ by kernel: xformers gets a bias, sdpa a mask, or its causal flag where nothing is padded.
"""

import importlib.util

import pytest
import torch

from mmalm.injection import Injected, StaticTokens
from mmalm.injection.schedules import LayerwiseReplace
from mmalm.lms import CausalLM

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason='needs a CUDA device'),
]
BATCH, LENGTH = 16, 512


@pytest.mark.benchmark(group=f'attention, forward and backward, batch {BATCH}, {LENGTH} tokens, bfloat16')
@pytest.mark.parametrize('padded', [False, True], ids=['no padding', 'padded'])
@pytest.mark.parametrize('attention', ['xformers', 'sdpa', 'eager'])
def test_attention(benchmark, opt_125m: dict, attention: str, padded: bool) -> None:
    if attention == 'xformers' and importlib.util.find_spec('xformers') is None:
        pytest.skip('needs xformers: pip install -r requirements/xformers.txt')
    torch.manual_seed(0)
    lm = CausalLM(config=opt_125m, attention=attention, dtype='bfloat16').requires_grad_(False).cuda()
    ids = torch.randint(3, 50000, (BATCH, LENGTH), device='cuda')
    mask = torch.ones_like(ids)
    if padded:
        for i in range(BATCH):
            mask[i, : 16 * i] = 0
    injector = lm.injector(LayerwiseReplace(6).plan(12, 6))
    tokens = torch.randn(BATCH, 6, 1, 768, device='cuda', dtype=torch.bfloat16, requires_grad=True)

    def step() -> torch.Tensor:
        tokens.grad = None
        logits = lm(ids, mask, injection=Injected(injector, StaticTokens(tokens)))
        logits[:, -1].float().square().mean().backward()
        torch.cuda.synchronize()
        return tokens.grad

    assert benchmark.pedantic(step, rounds=10, warmup_rounds=3).isfinite().all()
