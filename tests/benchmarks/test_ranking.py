"""Ranking 1,000 candidates for one question at OPT-125M's size, random weights: against a full forward for each.

A question of 16 tokens, a soft prompt of 10 and a perceptual token; candidates of one to four tokens and the end, out of 400
tokens, so that beginnings are shared about as often as among short answers.
"""

import pytest
import torch

from mmalm.heads.ranking import answer_log_probabilities
from mmalm.injection import Injected, Prompt, StaticTokens
from mmalm.injection.schedules import LayerwiseReplace
from mmalm.lms import CausalLM

CANDIDATES, LENGTH, PROMPT, BATCH = 1000, 16, 10, 50
TREE, ALONE, BATCHED = 'as trees', 'one by one, full forwards', f'full forwards of {BATCH}'


@pytest.fixture(scope='module')
def lm(opt_125m: dict) -> CausalLM:
    torch.manual_seed(0)
    return CausalLM(config=opt_125m).requires_grad_(False)


@pytest.fixture(scope='module')
def injection(lm: CausalLM) -> Injected:
    tokens = StaticTokens(torch.randn(1, 6, 1, 768))
    return Injected(lm.injector(LayerwiseReplace(6).plan(12, 6)), tokens, Prompt(torch.randn(PROMPT, 768)))


@pytest.fixture(scope='module')
def question() -> list[int]:
    return torch.randint(3, 50000, (LENGTH,), generator=torch.Generator().manual_seed(1)).tolist()


@pytest.fixture(scope='module')
def candidates() -> list[list[int]]:
    generator = torch.Generator().manual_seed(2)
    found: dict[tuple[int, ...], None] = {}
    while len(found) < CANDIDATES:
        length = int(torch.randint(1, 5, (), generator=generator))
        found[tuple(torch.randint(3, 403, (length,), generator=generator).tolist())] = None
    return [[*answer, 2] for answer in found]


@torch.no_grad()
def full_forwards(
    lm: CausalLM, injection: Injected, question: list[int], candidates: list[list[int]], rows: int
) -> torch.Tensor:
    """Each candidate behind its question, ``rows`` at a time; only those of one length, so that nothing is padded."""
    scores = torch.empty(len(candidates))
    for length in sorted(set(map(len, candidates))):
        numbers = [i for i, candidate in enumerate(candidates) if len(candidate) == length]
        for start in range(0, len(numbers), rows):
            part = numbers[start : start + rows]
            ids = torch.tensor([[*question, *candidates[i]] for i in part])
            injected = injection.select(torch.zeros(len(part), dtype=torch.long))
            after = lm(ids, injection=injected, logits_to_keep=length + 1)[:, :-1].log_softmax(-1)
            scores[part] = after.gather(-1, ids[:, -length:, None])[..., 0].sum(-1)
    return scores


@pytest.mark.benchmark(group=f'ranking {CANDIDATES:,} candidates, OPT-125M size')
@pytest.mark.parametrize('way', [TREE, ALONE, BATCHED])
def test_ranking(
    benchmark, lm: CausalLM, injection: Injected, question: list[int], candidates: list[list[int]], way: str
) -> None:
    def rank() -> torch.Tensor:
        if way == TREE:
            return answer_log_probabilities(lm, [question], [candidates], lambda span: injection)[0]
        return full_forwards(lm, injection, question, candidates, 1 if way == ALONE else BATCH)

    # one round of what takes minutes; the quick way is timed warm, and a thousand forwards warm themselves
    quick = way == TREE
    scores = benchmark.pedantic(rank, rounds=3 if quick else 1, iterations=1, warmup_rounds=1 if quick else 0)
    if way == BATCHED:
        trees = answer_log_probabilities(lm, [question], [candidates], lambda span: injection)[0]
        torch.testing.assert_close(scores, trees, atol=1e-3, rtol=0)
        assert torch.equal(scores.argsort()[-20:], trees.argsort()[-20:])
