"""Answer log-probabilities: cached = uncached = summed by hand, whatever stands in the batch."""

import pytest
import torch
from tiny import LAYERS, LM_CONFIGS, WIDTH, tiny_lm

from mmalm.errors import ConfigError
from mmalm.heads import ranking
from mmalm.heads.ranking import answer_log_probabilities
from mmalm.injection import AttendedMemory, Injected, Prompt, StaticTokens
from mmalm.injection.schedules import CrossAttend, LayerwiseReplace

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
            assert score == pytest.approx(by_hand(lm, sample, answer), abs=1e-5, rel=1e-6)


@pytest.mark.parametrize(('per_tree', 'per_pass'), [(1, 1), (2, 4), (256, 3)])
def test_trees_and_passes_of_any_size_give_the_same(
    per_tree: int, per_pass: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lm = tiny_lm('llama')
    whole = answer_log_probabilities(lm, QUESTIONS, ANSWERS, Context(lm))
    monkeypatch.setattr(ranking, 'BRANCHES_PER_TREE', per_tree)
    monkeypatch.setattr(ranking, 'BRANCHES_PER_PASS', per_pass)
    for a, b in zip(whole, answer_log_probabilities(lm, QUESTIONS, ANSWERS, Context(lm)), strict=True):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=0)


@pytest.mark.parametrize('use_cache', [True, False])
def test_a_sample_without_candidates_has_no_scores(use_cache: bool) -> None:
    lm = tiny_lm('llama')
    scores = answer_log_probabilities(lm, QUESTIONS, [[], ANSWERS[1]], Context(lm), use_cache)
    assert [len(s) for s in scores] == [0, 3]
    assert scores[1][1].item() == pytest.approx(by_hand(lm, 1, [11, 2]), abs=1e-5, rel=1e-6)
    assert [len(s) for s in answer_log_probabilities(lm, QUESTIONS, [[], []], Context(lm), use_cache)] == [0, 0]


def many(count: int) -> list[list[int]]:
    """Different candidates of one to four tokens out of twelve, so that many share their beginnings."""
    generator = torch.Generator().manual_seed(6)
    found: dict[tuple[int, ...], None] = {}
    while len(found) < count:
        length = int(torch.randint(1, 5, (), generator=generator))
        found[tuple(torch.randint(20, 32, (length,), generator=generator).tolist())] = None
    return [[*answer, 2] for answer in found]


@torch.no_grad()
def one_by_one(lm, context, question: list[int], candidates: list[list[int]]) -> torch.Tensor:
    """Each candidate behind the whole question, in rows of its own, without a cache."""
    scores = []
    for length in sorted({len(candidate) for candidate in candidates}):
        rows = [candidate for candidate in candidates if len(candidate) == length]
        ids = torch.tensor([[*question, *candidate] for candidate in rows])
        after = lm(ids, injection=context.select(torch.zeros(len(rows), dtype=torch.long))).log_softmax(-1)
        chosen = after[:, :-1].gather(-1, ids[:, 1:, None])[..., 0]
        scores += zip(map(tuple, rows), chosen[:, -length:].sum(-1).tolist(), strict=True)
    found = dict(scores)
    return torch.tensor([found[tuple(candidate)] for candidate in candidates])


@pytest.mark.parametrize('kind', ['opt', 'mistral'])
def test_a_thousand_candidates_rank_as_each_alone(kind: str) -> None:
    lm, candidates = tiny_lm(kind), many(1000)
    found = answer_log_probabilities(lm, QUESTIONS, [candidates, candidates[:7]], Context(lm))[0]
    expected = one_by_one(lm, Context(lm, [0])(None), QUESTIONS[0], candidates)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-6)
    assert torch.equal(found.argsort(), expected.argsort())


def injections(lm) -> dict[str, Injected]:
    """What else the injector does: the text attends, or the prompt is deep."""
    generator = torch.Generator().manual_seed(5)
    memory = torch.randn(2, 3, WIDTH, generator=generator)
    deep = Prompt(
        torch.randn(2, lm.embedding_size, generator=generator), {3: torch.randn(2, WIDTH, generator=generator)}
    )

    def block(source: int, memory: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
        return hidden + (hidden @ memory.transpose(1, 2)).softmax(-1) @ memory

    attends = lm.injector(CrossAttend(0, 3).plan(LAYERS, 2, attends=True))
    return {
        'attended': Injected(attends, AttendedMemory(block, memory, 2)),
        'deep': Injected(lm.injector(None), prompt=deep),
    }


@pytest.mark.parametrize('what', ['attended', 'deep', 'nothing'])
@pytest.mark.parametrize('kind', LM_CONFIGS)
def test_whatever_is_injected(kind: str, what: str) -> None:
    lm = tiny_lm(kind)
    injection = injections(lm).get(what)
    found = answer_log_probabilities(lm, QUESTIONS, [many(9), many(5)], lambda span: injection)
    for sample, count in enumerate((9, 5)):
        alone = (injection or Injected(lm.injector(None))).select(torch.tensor([sample]))
        expected = one_by_one(lm, alone, QUESTIONS[sample], many(count))
        torch.testing.assert_close(found[sample], expected, atol=1e-5, rtol=1e-6)


@pytest.mark.parametrize('use_cache', [True, False])
def test_a_shortlist_scores_the_likeliest_first_tokens_alone_and_keeps_ties(use_cache: bool) -> None:
    lm = tiny_lm('llama')
    candidates = [[11, 2], [11, 12, 2], [13, 2], [14, 15, 2], [14, 2]]
    whole = answer_log_probabilities(lm, QUESTIONS[:1], [candidates], Context(lm, [0]), use_cache)[0]
    with torch.no_grad():
        first = lm(torch.tensor(QUESTIONS[:1]), injection=Context(lm, [0])(None)).log_softmax(-1)[0, -1]
    order = sorted((11, 13, 14), key=lambda token: -first[token].item())
    for shortlist in range(1, 6):
        found = answer_log_probabilities(lm, QUESTIONS[:1], [candidates], Context(lm, [0]), use_cache, shortlist)[0]
        kept: list[int] = []
        for token in order:
            if len(kept) < shortlist:
                kept += [i for i, candidate in enumerate(candidates) if candidate[0] == token]
        assert found.isfinite().nonzero()[:, 0].tolist() == sorted(kept)
        torch.testing.assert_close(found[kept], whole[kept], atol=1e-5, rtol=1e-6)
        assert (found[~found.isfinite()] == -torch.inf).all()


def test_an_answer_longer_than_the_model_can_number_is_refused() -> None:
    lm = tiny_lm('opt')
    with pytest.raises(ConfigError, match='numbers 64 tokens at most, found a text of 65'):
        answer_log_probabilities(lm, [[5] * 60], [[[6, 7, 8, 9, 10, 2]]], lambda span: None)
    assert answer_log_probabilities(lm, [[5] * 60], [[[6, 7, 8, 9, 2]]], lambda span: None)[0].isfinite().all()
