"""Generation with injection at OPT-125M's size: cached against uncached, and against plain transformers.

20 new tokens, 3 beams, batch 16, random weights; plain transformers starts from as many positions as text, soft prompt and
perceptual token make together.
"""

import pytest
import torch

from mmalm.injection import Injected, Prompt, StaticTokens
from mmalm.injection.schedules import LayerwiseReplace
from mmalm.lms import CausalLM

BATCH, LENGTH, PROMPT = 16, 16, 10
OPTIONS = {'max_new_tokens': 20, 'num_beams': 3, 'eos_token_id': None}


@pytest.fixture(scope='module')
def lm(opt_125m: dict) -> CausalLM:
    torch.manual_seed(0)
    return CausalLM(config=opt_125m).requires_grad_(False)


@pytest.fixture(scope='module')
def injection(lm: CausalLM) -> Injected:
    plan = LayerwiseReplace(6).plan(12, 6)
    tokens = StaticTokens(torch.randn(BATCH, 6, 1, 768))
    return Injected(lm.injector(plan), tokens, Prompt(torch.randn(PROMPT, 768)))


@pytest.fixture(scope='module')
def ids() -> torch.Tensor:
    return torch.randint(3, 50000, (BATCH, LENGTH))


@pytest.mark.benchmark(group='20 tokens, 3 beams, batch 16, OPT-125M size')
@pytest.mark.parametrize('way', ['injected, cached', 'injected, uncached', 'plain transformers, cached'])
def test_generation(benchmark, lm: CausalLM, injection: Injected, ids: torch.Tensor, way: str) -> None:
    def generate() -> torch.Tensor:
        if way.startswith('injected'):
            return lm.generate(ids, injection=injection, use_cache='uncached' not in way, **OPTIONS)
        longer = torch.nn.functional.pad(ids, (PROMPT + 1, 0), value=5)
        mask = torch.ones_like(longer)
        return lm.model.generate(longer, attention_mask=mask, pad_token_id=1, max_new_tokens=20, num_beams=3)

    slow = 'uncached' in way
    new = benchmark.pedantic(generate, rounds=1 if slow else 5, warmup_rounds=0 if slow else 1)
    assert new.shape[0] == BATCH
