"""States of text encoders and encoder-decoders: transformers' own without injection, and what a classifier reads of them."""

import pytest
import torch
from tiny import LM_CONFIGS, padded_texts, tiny_lm, tiny_tokenizer
from tiny_text import DEPTH, TEXT_CONFIGS, TEXT_KINDS, tiny_text_lm
from torch.utils.flop_counter import FlopCounterMode

from mmalm.errors import ConfigError, MissingDataError
from mmalm.injection import Injected, Prompt, StaticTokens
from mmalm.injection.schedules import SingleLayer
from mmalm.lms import CausalLM, EncoderLM, Seq2SeqLM

TEXTS = padded_texts()


def transformers_states(lm, ids, mask=None):
    if lm.kind != 'encoder-decoder':
        return lm.model.base_model(ids, attention_mask=mask).last_hidden_state
    start = torch.zeros(len(ids), 1, dtype=torch.long)
    return lm.model(ids, attention_mask=mask, decoder_input_ids=start).last_hidden_state


@pytest.mark.parametrize('attention', ['eager', 'sdpa'])
@pytest.mark.parametrize('kind', [*TEXT_KINDS, 'opt', 'opt-post-norm', 'gpt2', 'llama'])
@torch.no_grad()
def test_states_without_injection_equal_transformers_bit_for_bit(kind, attention):
    lm = tiny_lm(kind, attention) if kind in LM_CONFIGS else tiny_text_lm(kind, attention)
    ids, mask = TEXTS['right'], TEXTS['right_mask']
    found = lm.states(ids, mask)
    assert torch.equal(found, transformers_states(lm, ids, mask))
    assert torch.equal(lm.states(ids[:1]), transformers_states(lm, ids[:1]))
    assert found.shape == (3, 1 if lm.kind == 'encoder-decoder' else 7, lm.state_size)


@pytest.mark.parametrize('kind', TEXT_KINDS)
@torch.no_grad()
def test_hooks_that_insert_nothing_change_nothing(kind):
    for attention in ('eager', 'sdpa'):
        lm = tiny_text_lm(kind, attention)
        ids, mask = TEXTS['right'], TEXTS['right_mask']
        real = slice(None) if lm.kind == 'encoder-decoder' else mask.bool()
        assert torch.equal(
            lm.states(ids, mask, injection=Injected(lm.injector(None)))[real], lm.states(ids, mask)[real]
        )


@pytest.mark.parametrize('kind', [*TEXT_KINDS, 'llama', 'opt'])
@torch.no_grad()
def test_a_sample_stands_alone_wherever_its_padding_is(kind):
    lm = tiny_lm(kind) if kind in LM_CONFIGS else tiny_text_lm(kind, 'sdpa')
    sides = [
        lm.feature(lm.states(TEXTS[side], TEXTS[f'{side}_mask']), TEXTS[f'{side}_mask']) for side in ('right', 'left')
    ]
    for i, length in enumerate(TEXTS['lengths']):
        alone = lm.feature(lm.states(TEXTS['right'][i : i + 1, :length]), None)[0]
        for found in sides:
            torch.testing.assert_close(found[i], alone, atol=2e-5, rtol=0)


def test_what_a_classifier_reads():
    states = torch.arange(3 * 7, dtype=torch.float).view(3, 7, 1)
    first, last = tiny_text_lm('bert'), tiny_lm('llama')
    assert first.feature(states, TEXTS['right_mask'])[:, 0].tolist() == [0, 7, 14]
    assert first.feature(states, TEXTS['left_mask'])[:, 0].tolist() == [0, 9, 18]
    assert last.feature(states, TEXTS['right_mask'])[:, 0].tolist() == [6, 11, 16]
    assert last.feature(states, TEXTS['left_mask'])[:, 0].tolist() == [6, 13, 20]
    assert first.feature(states, None)[:, 0].tolist() == [0, 7, 14]
    assert last.feature(states, None)[:, 0].tolist() == [6, 13, 20]
    assert tiny_text_lm('t5 decoder').feature(states[:, :1], None)[:, 0].tolist() == [0, 7, 14]


def test_a_causal_text_is_closed_by_its_end_even_when_it_is_cut():
    lm = tiny_lm('llama')
    lm.__dict__['_tokenizer'] = tokenizer = tiny_tokenizer(['what', 'is', 'this'])
    end = tokenizer.eos_token_id
    whole = tokenizer('what is this')['input_ids']
    assert lm.encode_question(['what is this', 'what']) == [[*whole, end], [whole[0], end]]
    assert lm.encode_question(['what is this'], max_tokens=2) == [[whole[0], end]]
    with pytest.raises(ConfigError, match='max_tokens=1 leaves no room .* give 2 or more'):
        lm.encode_question(['what'], max_tokens=1)
    tokenizer.eos_token = None
    with pytest.raises(ConfigError, match='no end-of-text token'):
        lm.encode_question(['what'])


@pytest.mark.parametrize(('kind', 'ends'), [('bert', ('<cls>', '<sep>')), ('t5 decoder', (None, 'eos'))])
def test_dry_run_stand_ins_are_the_same_model_and_encode_with_special_tokens(kind, ends, tmp_path):
    wrapper, config = (EncoderLM, TEXT_CONFIGS['bert']) if kind == 'bert' else (Seq2SeqLM, TEXT_CONFIGS['t5'])
    names = ('hidden_size', 'intermediate_size') if kind == 'bert' else ('d_model', 'd_ff', 'd_kv')
    wide = {**config, **{name: 16 * config[name] for name in names}}
    with torch.device('meta'):
        large = wrapper(config=wide)
    small = wrapper(**wrapper.shrink({'config': wide, 'attention': 'eager'}, tmp_path))
    assert (small.num_layers, small.depths) == (large.num_layers, large.depths)
    assert small.hidden_size <= 64 < large.hidden_size
    assert [name for name, _ in small.named_parameters()] == [name for name, _ in large.named_parameters()]
    tokens = small.tokenizer.convert_ids_to_tokens(small.encode_question(['What is it?'], max_tokens=5)[0])
    assert len(tokens) == 5 and tokens[-1] == (small.tokenizer.eos_token if ends[1] == 'eos' else ends[1])
    assert tokens[0] == (ends[0] or 'W')
    special = small.tokenizer.num_special_tokens_to_add()
    with pytest.raises(ConfigError, match=f'max_tokens={special} leaves no room'):
        small.encode_question(['What is it?'], max_tokens=special)
    assert torch.isfinite(small.states(torch.tensor([[3, 4, 5]]))).all()


@pytest.mark.parametrize('kind', ['bert', 'roberta'])
@torch.no_grad()
def test_prompts_need_no_positions_and_text_beyond_them_is_refused(kind):
    lm = tiny_text_lm(kind)
    assert lm.anatomy.max_positions == 24
    full, prompt = torch.full((1, 24), 5), Injected(lm.injector(None), prompt=Prompt(torch.randn(9, 32)))
    assert lm.states(full, injection=prompt).shape == (1, 24, 32)
    with pytest.raises(ConfigError, match='numbers 24 tokens at most, found a text of 25'):
        lm.states(torch.full((1, 25), 5))
    # padding takes no positions
    wide, mask = torch.full((1, 30), 5), torch.tensor([[0] * 6 + [1] * 24])
    torch.testing.assert_close(lm.states(wide, mask)[:, 6:], lm.states(full), atol=2e-5, rtol=0)


def test_sizes_and_kinds():
    decoder, encoder = tiny_text_lm('t5 decoder'), tiny_text_lm('t5 encoder')
    assert (decoder.num_layers, decoder.depths) == (DEPTH, {None: DEPTH, 'encoder': DEPTH})
    assert encoder.depths == {None: DEPTH, 'decoder': DEPTH}
    assert [lm.kind for lm in (decoder, tiny_text_lm('bert'), tiny_lm('opt'))] == [
        'encoder-decoder',
        'encoder',
        'causal',
    ]
    assert (tiny_lm('opt-post-norm').hidden_size, tiny_lm('opt-post-norm').state_size) == (32, 16)
    assert tiny_text_lm('bert').pad_id == decoder.pad_id == 1
    assert not any('pooler' in name for name, _ in tiny_text_lm('bert').named_parameters())


@pytest.mark.parametrize(
    ('wrapper', 'arguments', 'message'),
    [
        (EncoderLM, {}, 'EncoderLM takes either model='),
        (
            EncoderLM,
            {'config': TEXT_CONFIGS['t5']},
            "no models of type 't5': use Seq2SeqLM. EncoderLM takes: bert, roberta",
        ),
        (
            EncoderLM,
            {'config': {'model_type': 'deberta-v2'}},
            "'deberta-v2' are not supported: its layers.*roberta-base",
        ),
        (
            EncoderLM,
            {'config': {'model_type': 'electra'}},
            "'electra' are not supported.*EncoderLM: bert, roberta",
        ),
        (Seq2SeqLM, {'config': TEXT_CONFIGS['bert']}, "no models of type 'bert': use EncoderLM"),
        (Seq2SeqLM, {'config': TEXT_CONFIGS['t5'], 'insert_into': 'decoders'}, "Did you mean 'decoder'"),
        (CausalLM, {'config': TEXT_CONFIGS['t5']}, 'use Seq2SeqLM'),
    ],
)
def test_a_model_of_another_kind_is_refused(wrapper, arguments, message):
    with pytest.raises(ConfigError, match=message):
        wrapper(**arguments)


@pytest.mark.parametrize('kind', ['bert', 't5 encoder'])
def test_perceptual_tokens_of_an_encoder_never_see_padding(kind):
    with pytest.raises(ConfigError, match="visibility='all' is for causal"):
        tiny_text_lm(kind).injector(None, 'all')


def test_weights_that_nothing_reads_may_be_in_a_folder_and_absent_ones_are_named(tmp_path):
    from transformers import BertConfig, BertModel

    BertModel(BertConfig(**TEXT_CONFIGS['bert'])).save_pretrained(tmp_path)
    assert EncoderLM(str(tmp_path)).base_model()['class'] == 'BertModel'
    BertModel(BertConfig(**{**TEXT_CONFIGS['bert'], 'num_hidden_layers': 3})).save_pretrained(tmp_path)
    BertConfig(**TEXT_CONFIGS['bert']).save_pretrained(tmp_path)
    with pytest.raises(MissingDataError, match='16 are absent or of another shape.*encoder.layer.3'):
        EncoderLM(str(tmp_path))


@pytest.mark.parametrize(
    ('wrapper', 'arguments', 'layer', 'tokens', 'expected'),
    [
        # DVP's comparison at 16 text tokens: one prompt token, without the cross-attention that makes it, against 197 visual ones
        (EncoderLM, {'model': 'bert-base-uncased'}, 0, 1, 1.449),
        (EncoderLM, {'model': 'bert-base-uncased'}, 11, 1, 1.371),
        (EncoderLM, {'model': 'bert-base-uncased'}, 0, 197, 18.93),
        (Seq2SeqLM, {'model': 't5-base'}, 0, 1, 1.789),
        (Seq2SeqLM, {'model': 't5-base'}, 0, 197, 21.99),
        (Seq2SeqLM, {'model': 't5-base', 'insert_into': 'encoder'}, 0, 197, 22.05),
    ],
)
@torch.no_grad()
def test_giga_macs_of_a_pass(wrapper, arguments, layer, tokens, expected):
    with torch.device('meta'):
        lm = wrapper(**arguments, attention='sdpa' if wrapper is EncoderLM else 'auto')
        injector = lm.injector(SingleLayer(layer).plan(12, 1))
        injection = Injected(injector, StaticTokens(torch.empty(1, 1, tokens, 768)))
        with FlopCounterMode(display=False) as flops:
            lm.states(torch.zeros(1, 16, dtype=torch.long), injection=injection)
    assert flops.get_total_flops() / 2e9 == pytest.approx(expected, abs=5e-3)
