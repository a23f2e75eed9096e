"""The invariances of injection on the real SmolLM2: batch, padding and cache never change an answer."""

import pytest
import torch

from mmalm.heads.ranking import answer_log_probabilities
from mmalm.injection import Injected, Prompt, StaticTokens
from mmalm.injection.schedules import InputPrefix, LayerwiseReplace
from mmalm.lms import CausalLM
from mmalm.padding import pad_left
from mmalm.zoo.store import read_manifest

NAME = 'smollm2-135m-instruct'
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(read_manifest(NAME) is None, reason=f'python tools/zoo.py fetch {NAME}'),
]
QUESTIONS = [
    'Question: What kind of thing is this? Answer:',
    'Question: Is this a bird? Answer:',
    'Question: Look at the picture. Which of the following words describes what it shows best? Answer:',
    'What is this?',
]
ANSWERS = [' animal', ' holiday decoration', ' sign']
TOLERANCE = 1e-3


@pytest.fixture(scope='module')
def lm() -> CausalLM:
    return CausalLM(f'zoo:{NAME}').requires_grad_(False)


@pytest.fixture(params=[LayerwiseReplace(18, 30), InputPrefix()], ids=['replace', 'prefix'])
def injection(lm: CausalLM, request: pytest.FixtureRequest) -> Injected:
    generator = torch.Generator().manual_seed(0)
    tokens = torch.randn(len(QUESTIONS), 6, 1, lm.hidden_size, generator=generator)
    plan = request.param.plan(lm.num_layers, 6)
    prompt = 0.1 * torch.randn(2, lm.hidden_size, generator=generator)
    return Injected(lm.injector(plan), StaticTokens(tokens), Prompt(prompt))


def rows(lm: CausalLM) -> list[list[int]]:
    return lm.tokenizer(QUESTIONS)['input_ids']


def alone(injection: Injected, i: int) -> Injected:
    return injection.select(torch.tensor([i]))


@torch.no_grad()
def test_logits(lm: CausalLM, injection: Injected) -> None:
    texts = rows(lm)
    left, mask = pad_left(texts, lm.pad_id)
    right, right_mask = left.clone(), mask.flip(1)
    for i, text in enumerate(texts):
        right[i] = torch.nn.functional.pad(torch.tensor(text), (0, left.shape[1] - len(text)), value=lm.pad_id)
    from_left, from_right = lm(left, mask, injection=injection), lm(right, right_mask, injection=injection)
    cache = lm.new_cache(injection)
    parts = [
        lm(left[:, a:b], mask[:, :b], cache=cache, injection=injection) for a, b in ((0, 5), (5, 6), (6, left.shape[1]))
    ]
    cached = torch.cat(parts, 1)
    for i, text in enumerate(texts):
        single = lm(torch.tensor([text]), injection=alone(injection, i))[0]
        for batched in (from_left[i, -len(text) :], from_right[i, : len(text)], cached[i, -len(text) :]):
            torch.testing.assert_close(batched, single, atol=TOLERANCE, rtol=0)


@pytest.mark.parametrize('beams', [1, 3])
def test_generated_answers(lm: CausalLM, injection: Injected, beams: int) -> None:
    texts = rows(lm)
    ids, mask = pad_left(texts, lm.pad_id)
    options = {'max_new_tokens': 8, 'num_beams': beams, 'eos_token_id': None}
    cached = lm.generate(ids, mask, injection=injection, **options)
    assert torch.equal(cached, lm.generate(ids, mask, use_cache=False, injection=injection, **options))
    for i, text in enumerate(texts):
        assert torch.equal(lm.generate(torch.tensor([text]), injection=alone(injection, i), **options)[0], cached[i])


def test_ranked_answers(lm: CausalLM, injection: Injected) -> None:
    texts = rows(lm)
    candidates = lm.tokenizer(ANSWERS)['input_ids']
    together = answer_log_probabilities(lm, texts, [candidates] * len(texts), lambda span: injection)
    uncached = answer_log_probabilities(lm, texts, [candidates] * len(texts), lambda span: injection, use_cache=False)
    for i, text in enumerate(texts):
        single = answer_log_probabilities(lm, [text], [candidates], lambda span, i=i: alone(injection, i))[0]
        for scores in (together[i], uncached[i]):
            torch.testing.assert_close(scores, single, atol=TOLERANCE, rtol=0)
            assert scores.argmax() == single.argmax()
