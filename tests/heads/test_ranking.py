"""Answer log-probabilities: cached = uncached = summed by hand, whatever stands in the batch."""

import pytest
import torch
from tiny import LAYERS, LM_CONFIGS, WIDTH, tiny_lm

from mmalm.heads import ranking
from mmalm.heads.ranking import answer_log_probabilities
from mmalm.injection import Injected, Prompt, StaticTokens
from mmalm.injection.schedules import LayerwiseReplace

QUESTIONS = [[5, 6, 7, 8], [9, 10]]
ANSWERS = [[[11, 2], [12, 13, 2]], [[14, 15, 16, 2], [11, 2], [17, 2]]]


class Context:
    """The injection of the samples it was made for."""

    def __init__(self, lm, samples=(0, 1), prompt: int = 2) -> None:
        generator = torch.Generator().manual_seed(4)
        tokens = torch.randn(2, 2, 1, WIDTH, generator=generator)[list(samples)]
        injector = lm.injector(LayerwiseReplace(1, 6).plan(LAYERS, 2))
        prompt = Prompt(torch.randn(prompt, lm.embedding_size, generator=generator))
        self.injection = Injected(injector, StaticTokens(tokens), prompt)

    def __call__(self, span: torch.Tensor) -> Injected:
        return self.injection


@torch.no_grad()
def by_hand(lm, sample: int, answer: list[int]) -> float:
    ids = torch.tensor([QUESTIONS[sample] + answer])
    log_probabilities = lm(ids, injection=Context(lm, [sample])(None)).log_softmax(-1)[0]
    start = len(QUESTIONS[sample]) - 1
    return sum(log_probabilities[start + i, token].item() for i, token in enumerate(answer))


@pytest.mark.parametrize('use_cache', [True, False])
@pytest.mark.parametrize('kind', LM_CONFIGS)
def test_scores_are_the_summed_token_log_probabilities(kind: str, use_cache: bool) -> None:
    lm = tiny_lm(kind)
    scores = answer_log_probabilities(lm, QUESTIONS, ANSWERS, Context(lm), use_cache)
    assert [len(s) for s in scores] == [2, 3]
    for sample, candidates in enumerate(ANSWERS):
        for score, answer in zip(scores[sample].tolist(), candidates, strict=True):
            assert score == pytest.approx(by_hand(lm, sample, answer), abs=1e-4)


@pytest.mark.parametrize('rows', [1, 3])
def test_passes_of_any_size_give_the_same(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    lm = tiny_lm('llama')
    whole = answer_log_probabilities(lm, QUESTIONS, ANSWERS, Context(lm))
    monkeypatch.setattr(ranking, 'ROWS_PER_PASS', rows)
    for a, b in zip(whole, answer_log_probabilities(lm, QUESTIONS, ANSWERS, Context(lm)), strict=True):
        torch.testing.assert_close(a, b, atol=1e-4, rtol=0)


@pytest.mark.parametrize('use_cache', [True, False])
def test_a_sample_without_candidates_has_no_scores(use_cache: bool) -> None:
    lm = tiny_lm('llama')
    scores = answer_log_probabilities(lm, QUESTIONS, [[], ANSWERS[1]], Context(lm), use_cache)
    assert [len(s) for s in scores] == [0, 3]
    assert scores[1][1].item() == pytest.approx(by_hand(lm, 1, [11, 2]), abs=1e-4)
    assert [len(s) for s in answer_log_probabilities(lm, QUESTIONS, [[], []], Context(lm), use_cache)] == [0, 0]
