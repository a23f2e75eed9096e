"""A shift of the text states where a source enters (DVP's token types)."""

import pytest
import torch
from tiny import LAYERS, WIDTH, padded_texts, tiny_lm
from tiny_text import DEPTH, TEXT_KINDS, tiny_text_lm

from mmalm.injection import AttendedMemory, Injected, Prompt, QueriedTokens, StaticTokens
from mmalm.injection.schedules import ExplicitSchedule, SingleLayer

TEXTS = padded_texts()
SHIFT = torch.linspace(-1, 1, WIDTH)


@torch.no_grad()
def test_text_is_shifted_after_the_query_was_taken_and_a_prompt_is_not():
    lm, asked, entered = tiny_text_lm('bert'), [], []

    def make(source, rows, hidden, span):
        asked.append(hidden)
        return torch.full((len(rows), 1, WIDTH), 7.0)

    plan = SingleLayer(2).plan(DEPTH, 1)
    lm.anatomy.layers[2].attention.register_forward_pre_hook(lambda module, args: entered.append(args[0]))
    ids = TEXTS['right'][:1]
    for shift in (None, lambda source: None, lambda source: SHIFT):
        tokens = QueriedTokens(make, torch.ones(1, 7, dtype=torch.bool), 1, shift=shift)
        lm.states(ids, injection=Injected(lm.injector(plan), tokens, Prompt(torch.ones(2, WIDTH))))
    assert torch.equal(asked[0], asked[2]) and torch.equal(entered[0], entered[1])
    assert torch.equal(entered[2][:, :3], entered[0][:, :3])  # the token and the prompt
    torch.testing.assert_close(entered[2][:, 3:], entered[0][:, 3:] + SHIFT)


@torch.no_grad()
def test_two_sources_of_one_layer_are_both_made_before_either_shifts():
    lm, asked = tiny_text_lm('bert'), []

    def make(source, rows, hidden, span):
        asked.append(hidden)
        return hidden.new_zeros(len(rows), 1, WIDTH)

    plan = ExplicitSchedule([(1, 0), (1, 1, 'insert', 1)]).plan(DEPTH, 2)
    tokens = QueriedTokens(make, torch.ones(1, 7, dtype=torch.bool), 1, shift=lambda source: SHIFT)
    lm.states(TEXTS['right'][:1], injection=Injected(lm.injector(plan), tokens))
    assert torch.equal(*asked)


@pytest.mark.parametrize('kind', ['opt', 'llama'])
def test_cached_decoding_shifts_new_text_as_uncached(kind):
    lm = tiny_lm(kind)
    generator = torch.Generator().manual_seed(3)
    tokens = StaticTokens(torch.randn(3, 2, 1, WIDTH, generator=generator), lambda source: (source + 1) * SHIFT)
    plan = ExplicitSchedule([(1, 0), (3, 1, 'replace')]).plan(LAYERS, 2)
    injection = Injected(lm.injector(plan), tokens)
    options = {'max_new_tokens': 5, 'num_beams': 2, 'eos_token_id': None}
    ids, mask = TEXTS['left'], TEXTS['left_mask']
    cached = lm.generate(ids, mask, injection=injection, **options)
    assert torch.equal(cached, lm.generate(ids, mask, injection=injection, use_cache=False, **options))
    with torch.no_grad():
        whole, cache = lm(ids, mask, injection=injection), lm.new_cache(injection)
        parts = [lm(ids[:, a:b], mask[:, :b], injection=injection, cache=cache) for a, b in ((0, 5), (5, 7))]
        plain = lm(ids, mask, injection=Injected(injection.injector, StaticTokens(tokens.tokens)))
    real = mask.bool()
    torch.testing.assert_close(torch.cat(parts, 1)[real], whole[real], atol=1e-4, rtol=0)
    assert (whole - plain)[real].abs().max() > 1e-2


def test_selected_samples_are_shifted_too():
    static = StaticTokens(torch.zeros(2, 1, 1, WIDTH), lambda source: SHIFT)
    queried = QueriedTokens(lambda *_: None, torch.ones(2, 3), 1, shift=lambda source: SHIFT)
    order = torch.tensor([[2, 0, 1], [0, 1, 2]])
    for tokens in (static.select(torch.tensor([1])), queried.select(torch.tensor([1])), queried.follow_columns(order)):
        assert tokens.shift(0) is SHIFT


@pytest.mark.parametrize('kind', ['opt', 'llama', 'mistral', 'bert', 't5 decoder', 't5 encoder'])
@pytest.mark.parametrize('padded', [True, False])
@torch.no_grad()
def test_a_sample_that_is_given_nothing_runs_as_plain_text(kind, padded):
    lm = tiny_text_lm(kind) if kind in TEXT_KINDS else tiny_lm(kind)
    ids, mask = (TEXTS['left'], TEXTS['left_mask']) if padded else (TEXTS['right'][:1].expand(3, -1), None)
    tokens = StaticTokens(torch.randn(3, 2, 1, WIDTH, generator=torch.Generator().manual_seed(3)), lambda source: SHIFT)
    injector = lm.injector(ExplicitSchedule([(1, 0), (2, 1, 'replace')]).plan(lm.num_layers, 2))
    plain, all_given = lm.states(ids, mask), lm.states(ids, mask, injection=Injected(injector, tokens))
    tokens.given_to(torch.tensor([True, False, True]))
    some = lm.states(ids, mask, injection=Injected(injector, tokens))
    seen = torch.ones_like(some[..., 0]).bool() if mask is None or 't5' in kind else mask.bool()
    torch.testing.assert_close(some[1][seen[1]], plain[1][seen[1]], atol=2e-5, rtol=0)
    for row in (0, 2):
        torch.testing.assert_close(some[row][seen[row]], all_given[row][seen[row]], atol=2e-5, rtol=0)
        assert (some - plain)[row][seen[row]].abs().max() > 1e-2
    order = torch.tensor([1, 1, 0])
    assert tokens.select(order).present.tolist() == [False, False, True]


@pytest.mark.parametrize('kind', ['opt', 'llama'])
def test_cached_decoding_of_samples_that_are_given_nothing(kind):
    lm = tiny_lm(kind)
    tokens = StaticTokens(torch.randn(3, 1, 1, WIDTH, generator=torch.Generator().manual_seed(3)))
    injection = Injected(
        lm.injector(SingleLayer(2).plan(LAYERS, 1)), tokens.given_to(torch.tensor([True, False, True]))
    )
    options = {'max_new_tokens': 4, 'num_beams': 2, 'eos_token_id': None}
    ids, mask = TEXTS['left'], TEXTS['left_mask']
    cached = lm.generate(ids, mask, injection=injection, **options)
    assert torch.equal(cached, lm.generate(ids, mask, injection=injection, use_cache=False, **options))
    assert torch.equal(cached[1], lm.generate(ids, mask, **options)[1])


def test_text_that_attends_to_nothing_is_left_as_it_is():
    lm = tiny_lm('llama')
    memory = AttendedMemory(
        lambda source, memory, hidden: hidden + memory.mean(1, keepdim=True), torch.ones(3, 2, WIDTH), 1
    )
    injection = Injected(
        lm.injector(ExplicitSchedule([(1, 0, 'attend')]).plan(LAYERS, 1, True)),
        memory.given_to(torch.tensor([True, False, True])),
    )
    with torch.no_grad():
        found = lm(TEXTS['left'], TEXTS['left_mask'], injection=injection)
        plain = lm(TEXTS['left'], TEXTS['left_mask'])
    real = TEXTS['left_mask'].bool()
    assert torch.equal(found[1][real[1]], plain[1][real[1]])
    assert (found - plain)[0].abs().max() > 1e-2
