"""Injection into encoders and encoder-decoders against layers run by hand over a concatenated sequence."""

import pytest
import torch
from tiny import WIDTH, padded_texts
from tiny_text import DEPTH, TEXT_KINDS, tiny_text_lm

from mmalm.errors import ConfigError
from mmalm.injection import Injected, Prompt, QueriedTokens, StaticTokens
from mmalm.injection.schedules import ExplicitSchedule, SingleLayer

TEXTS = padded_texts()
MANY = padded_texts(tuple(3 + i % 5 for i in range(16)))
T = 2
LOW = torch.finfo(torch.float32).min


def hidden_keys(length, hidden):
    """A mask ``[B, 1, length, length]`` by hand: rows of ``hidden`` are the keys nobody sees."""
    mask = torch.zeros(len(hidden), 1, length, length)
    for row, keys in enumerate(hidden):
        mask[row, :, :, keys] = LOW
    return mask


def encoder_by_hand(lm, ids, mask, tokens, layer):
    """BERT or RoBERTa, right-padded, one layer after the other."""
    states = lm.model.embeddings(input_ids=ids)
    length, lengths = ids.shape[1], mask.sum(1).tolist()
    attended = hidden_keys(length, [range(n, length) for n in lengths])
    for index, block in enumerate(lm.model.encoder.layer):
        if index == layer:
            states = torch.cat([tokens, states], dim=1)
            attended = hidden_keys(T + length, [range(T + n, T + length) for n in lengths])
        states = block(states, attended)
    return states[:, T:]


def t5_stack_by_hand(stack, states, tokens, layer, **cross):
    """One sample without padding: the bias is that of a longer text, the mask of a decoder a triangle."""
    for index, block in enumerate(stack.block):
        if index == layer:
            states = torch.cat([tokens, states], dim=1)
        length = states.shape[1]
        bias = stack.block[0].layer[0].SelfAttention.compute_bias(length, length)
        if stack.is_decoder:
            bias = bias + torch.full((length, length), LOW).triu(1)
        states = block(states, None if not stack.is_decoder else torch.zeros(1, 1, length, length), bias, **cross)[0]
    return stack.final_layer_norm(states)


def t5_by_hand(lm, ids, tokens, layer):
    model, start = lm.model, lm.model.decoder.embed_tokens(torch.zeros(1, 1, dtype=torch.long))
    none = tokens[:, :0]
    into_encoder = lm.insert_into == 'encoder'
    read = t5_stack_by_hand(model.encoder, model.encoder.embed_tokens(ids), tokens if into_encoder else none, layer)
    decoded = t5_stack_by_hand(
        model.decoder, start, none if into_encoder else tokens, layer, encoder_hidden_states=read
    )
    return decoded[:, -1:]


def inserted(lm, tokens, layer=1, **options):
    return Injected(lm.injector(SingleLayer(layer).plan(DEPTH, 1), **options), StaticTokens(tokens[:, None]))


@pytest.mark.parametrize('layer', range(DEPTH))
@pytest.mark.parametrize('kind', TEXT_KINDS)
@torch.no_grad()
def test_insertion_at_every_layer_equals_the_layers_run_by_hand(kind, layer):
    lm, tokens = tiny_text_lm(kind), torch.randn(3, T, WIDTH)
    ids, mask = TEXTS['right'], TEXTS['right_mask']
    found = lm.states(ids, mask, injection=inserted(lm, tokens, layer))
    if lm.kind == 'encoder':
        torch.testing.assert_close(found[mask.bool()], encoder_by_hand(lm, ids, mask, tokens, layer)[mask.bool()])
        return
    for i, length in enumerate(TEXTS['lengths']):
        by_hand = t5_by_hand(lm, ids[i : i + 1, :length], tokens[i : i + 1], layer)
        torch.testing.assert_close(found[i : i + 1], by_hand, atol=1e-5, rtol=1e-5)


class TestInvariance:
    """Two slots of two tokens that come, go and are replaced, a soft prompt, and a query."""

    schedule = ExplicitSchedule([(0, 0), (1, 1, 'insert', 1), (2, 2, 'replace', 0), (3, 0, 'remove', 1)])

    @pytest.fixture(params=['eager', 'sdpa'])
    def attention(self, request):
        return request.param

    @pytest.fixture(params=TEXT_KINDS)
    def lm(self, request, attention):
        return tiny_text_lm(request.param, attention)

    def injection(self, lm, rows, spans, prompt=3):
        generator = torch.Generator().manual_seed(4)
        own = torch.randn(len(MANY['lengths']), 3, T, WIDTH, generator=generator)

        def make(source, chosen, hidden, span):
            mean = (hidden * span[..., None]).sum(1, keepdim=True) / span.sum(1)[:, None, None]
            return own[rows][chosen, source] + mean

        tokens = QueriedTokens(make, spans, T, shift=lambda source: 0.1 * (source + 1) * torch.ones(WIDTH))
        given = Prompt(torch.randn(prompt, WIDTH, generator=generator)) if prompt else None
        return Injected(lm.injector(self.schedule.plan(DEPTH, 3)), tokens, given)

    @pytest.mark.parametrize('prompt', [0, 3])
    @torch.no_grad()
    def test_a_batch_equals_single_samples_on_either_side(self, lm, prompt):
        rows = torch.arange(len(MANY['lengths']))
        found = {}
        for side in ('right', 'left'):
            mask = MANY[f'{side}_mask']
            states = lm.states(MANY[side], mask, injection=self.injection(lm, rows, mask.bool(), prompt))
            found[side] = lm.feature(states, mask)
        for i in range(0, 16, 3):
            length = MANY['lengths'][i]
            ids = MANY['right'][i : i + 1, :length]
            one = self.injection(lm, rows[i : i + 1], torch.ones(1, length, dtype=torch.bool), prompt)
            alone = lm.feature(lm.states(ids, injection=one), None)[0]
            torch.testing.assert_close(found['right'][i], alone, atol=2e-5, rtol=0)
            torch.testing.assert_close(found['left'][i], alone, atol=2e-5, rtol=0)

    @torch.no_grad()
    def test_padding_is_seen_by_nobody(self, lm):
        ids, mask = TEXTS['left'].clone(), TEXTS['left_mask']
        injection = self.injection(lm, torch.arange(3), mask.bool())
        before = lm.feature(lm.states(ids, mask, injection=injection), mask)
        ids[mask == 0] = 77
        assert torch.equal(lm.feature(lm.states(ids, mask, injection=injection), mask), before)


@pytest.mark.parametrize('kind', TEXT_KINDS)
@torch.no_grad()
def test_eager_equals_sdpa(kind):
    tokens, mask = torch.randn(3, T, WIDTH), TEXTS['left_mask']
    found = []
    for attention in ('eager', 'sdpa'):
        lm = tiny_text_lm(kind, attention)
        found.append(lm.feature(lm.states(TEXTS['left'], mask, injection=inserted(lm, tokens)), mask))
    torch.testing.assert_close(*found, atol=2e-5, rtol=0)


@pytest.mark.parametrize('kind', TEXT_KINDS)
@pytest.mark.parametrize('layer', range(DEPTH))
def test_tokens_learn_at_every_layer(kind, layer):
    lm, tokens = tiny_text_lm(kind), torch.randn(3, T, WIDTH, requires_grad=True)
    mask = TEXTS['right_mask']
    feature = lm.feature(lm.states(TEXTS['right'], mask, injection=inserted(lm, tokens, layer)), mask)
    feature.square().sum().backward()
    assert tokens.grad.abs().amin(-1).amin() > 0


@pytest.mark.parametrize('kind', TEXT_KINDS)
def test_gradient_checkpointing_gives_the_same_gradients(kind):
    found = []
    for checkpointing in (False, True):
        lm, tokens = (
            tiny_text_lm(kind, gradient_checkpointing=checkpointing),
            torch.ones(3, T, WIDTH, requires_grad=True),
        )
        lm.states(TEXTS['right'], TEXTS['right_mask'], injection=inserted(lm, tokens)).square().mean().backward()
        found.append(tokens.grad)
    torch.testing.assert_close(*found)


@torch.no_grad()
def test_a_decoder_queries_with_the_final_states_of_the_encoder():
    lm, asked = tiny_text_lm('t5 decoder'), []
    ids, mask = TEXTS['right'], TEXTS['right_mask']

    def make(source, rows, hidden, span):
        asked.append((hidden, span))
        return hidden.new_zeros(len(rows), 1, WIDTH)

    for layer in (0, 3):
        plan = SingleLayer(layer).plan(DEPTH, 1)
        lm.states(ids, mask, injection=Injected(lm.injector(plan), QueriedTokens(make, mask.bool(), 1)))
    expected = lm.model.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
    for hidden, span in asked:
        assert torch.equal(hidden, expected) and torch.equal(span, mask.bool())


@torch.no_grad()
def test_visibility_all_lets_a_decoder_prompt_see_the_start_token():
    lm = tiny_text_lm('t5 decoder')
    kept = {}
    for visibility in ('causal', 'all'):
        seen = []
        handle = lm.model.decoder.block[1].register_forward_hook(
            lambda block, args, out, seen=seen: seen.append(out[0])
        )
        for first in (0, 5):
            lm.model.config.decoder_start_token_id = first
            injection = inserted(lm, torch.ones(1, T, WIDTH), visibility=visibility)
            lm.states(TEXTS['right'][:1], injection=injection)
        handle.remove()
        kept[visibility] = torch.equal(seen[0][:, :T], seen[1][:, :T])
    assert kept == {'causal': True, 'all': False}


def test_the_model_is_untouched_outside_the_context():
    for kind in TEXT_KINDS:
        lm = tiny_text_lm(kind)
        lm.states(TEXTS['right'], injection=inserted(lm, torch.ones(3, T, WIDTH)))
        for module in lm.model.modules():
            assert not module._forward_pre_hooks and not module._forward_hooks and 'forward' not in module.__dict__


def test_a_layer_the_model_lacks_is_named():
    with pytest.raises(ConfigError, match='layers 0 to 3, so this never happens'):
        SingleLayer(4).plan(tiny_text_lm('bert').num_layers, 1)
