"""The wrapper: transformers' own numbers without injection, clear words for what cannot be loaded."""

import pytest
import torch
from tiny import LM_CONFIGS, padded_texts, save_tiny_lm, tiny_lm
from transformers import DynamicCache

from mmalm.errors import ConfigError, MissingDataError
from mmalm.injection import Injected, Prompt
from mmalm.lms import CausalLM
from mmalm.zoo.fingerprint import fingerprint

TEXTS = padded_texts()


@pytest.mark.parametrize('attention', ['eager', 'sdpa'])
@pytest.mark.parametrize('kind', LM_CONFIGS)
def test_plain_path_equals_transformers_bit_for_bit(kind: str, attention: str) -> None:
    lm = tiny_lm(kind, attention)
    ids, mask = TEXTS['right'], TEXTS['right_mask']
    with torch.no_grad():
        assert torch.equal(lm(ids), lm.model(ids).logits)
        assert torch.equal(lm(ids, mask), lm.model(ids, attention_mask=mask).logits)
        ours, theirs = lm.new_cache(), DynamicCache()
        lm(ids, cache=ours)
        lm.model(ids, past_key_values=theirs)
        if kind not in (
            'mistral',
            'qwen2',
        ):  # whose windows are shorter than the text: a plain DynamicCache keeps them too
            assert torch.equal(lm(ids[:, :1], cache=ours), lm.model(ids[:, :1], past_key_values=theirs).logits)


@pytest.mark.parametrize('kind', LM_CONFIGS)
def test_plain_generation_equals_transformers(kind: str) -> None:
    lm = tiny_lm(kind)
    ids, mask = TEXTS['left'], TEXTS['left_mask']
    theirs = lm.model.generate(ids, attention_mask=mask, max_new_tokens=5, do_sample=False, pad_token_id=1)[:, 7:]
    assert torch.equal(lm.generate(ids, mask, max_new_tokens=5, eos_token_id=None), theirs)


def test_left_padding_is_numbered_by_real_tokens() -> None:
    lm = tiny_lm('gpt2')
    with torch.no_grad():
        left, right = lm(TEXTS['left'], TEXTS['left_mask']), lm(TEXTS['right'], TEXTS['right_mask'])
    for i, length in enumerate(TEXTS['lengths']):
        torch.testing.assert_close(left[i, -length:], right[i, :length], atol=2e-5, rtol=0)


def test_generation_stops_at_the_end_token() -> None:
    lm = tiny_lm('llama')
    first = lm.generate(TEXTS['left'][:1], TEXTS['left_mask'][:1], max_new_tokens=1, eos_token_id=None)
    stopped = lm.generate(TEXTS['left'][:1], TEXTS['left_mask'][:1], eos_token_id=int(first[0, 0]))
    assert stopped.tolist() == first.tolist()


def test_logits_to_keep_are_the_last_columns() -> None:
    lm = tiny_lm('opt')
    with torch.no_grad():
        torch.testing.assert_close(lm(TEXTS['left'], logits_to_keep=2), lm(TEXTS['left'])[:, -2:])


def test_sizes() -> None:
    lm = tiny_lm('opt-post-norm')
    assert (lm.num_layers, lm.hidden_size, lm.embedding_size) == (6, 32, 16)


def test_local_folder_gives_model_and_tokenizer(tmp_path) -> None:
    folder = save_tiny_lm(tmp_path / 'lm')
    lm = CausalLM(str(folder))
    assert lm.tokenizer.eos_token_id == 2
    assert torch.equal(lm(TEXTS['right']), tiny_lm('llama')(TEXTS['right']))
    assert lm.base_model()['class'] == 'LlamaForCausalLM'
    assert lm.base_model()['fingerprint'] == fingerprint(tiny_lm('llama').model)
    assert lm.base_model()['fingerprint'] != fingerprint(tiny_lm('llama', seed=1).model)


def test_meta_device_reads_nothing_but_the_architecture(tmp_path) -> None:
    folder = save_tiny_lm(tmp_path / 'lm')
    (folder / 'model.safetensors').unlink()
    with torch.device('meta'):
        lm = CausalLM(str(folder))
    assert next(lm.parameters()).is_meta and lm.hidden_size == 32


def test_no_transformers_class_is_subclassed() -> None:
    for kind in LM_CONFIGS:
        assert type(tiny_lm(kind).model).__module__.startswith('transformers.models.')


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        ({}, 'either model='),
        ({'model': 'x', 'config': LM_CONFIGS['opt']}, 'either model='),
        ({'config': {'model_type': 'bert'}}, "no models of type 'bert': use EncoderLM. CausalLM takes: gpt2, llama"),
        ({'config': {'model_type': 'lama'}}, "Did you mean 'llama'"),
        ({'config': LM_CONFIGS['opt'], 'dtype': 'floot32'}, "Did you mean 'float32'"),
        ({'config': LM_CONFIGS['opt'], 'attention': 'spda'}, "Did you mean 'sdpa'"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        CausalLM(**arguments)


def test_hub_name_that_is_not_cached_says_how_to_get_it() -> None:
    with pytest.raises(MissingDataError, match='hf download nobody/nothing') as caught:
        CausalLM('nobody/nothing')
    assert 'local folder' in str(caught.value)


def test_folder_without_a_model_is_named(tmp_path) -> None:
    with pytest.raises(MissingDataError, match=str(tmp_path)):
        CausalLM(str(tmp_path))


def test_truncated_weights_are_named(tmp_path) -> None:
    folder = save_tiny_lm(tmp_path / 'lm')
    weights = folder / 'model.safetensors'
    weights.write_bytes(weights.read_bytes()[:2000])
    with pytest.raises(MissingDataError, match='cannot|can read'):
        CausalLM(str(folder))


def test_random_model_without_tokenizer_says_so() -> None:
    with pytest.raises(ConfigError, match='tokenizer'):
        _ = tiny_lm('opt').tokenizer


@pytest.mark.parametrize(
    'option',
    [
        {'cache_implementation': 'static'},
        {'past_key_values': None},
        {'generation_config': None},
        {'max_length': 12},
        {'min_length': 12},
        {'return_dict_in_generate': True},
    ],
)
def test_options_that_cannot_work_are_refused(option: dict) -> None:
    with pytest.raises(ConfigError, match=next(iter(option))):
        tiny_lm('llama').generate(TEXTS['left'], TEXTS['left_mask'], **option)


@pytest.mark.parametrize('kind', ['opt', 'gpt2'])
@pytest.mark.parametrize('side', ['left', 'right'])
def test_more_tokens_than_positions_are_refused_and_padding_does_not_count(kind: str, side: str) -> None:
    lm = tiny_lm(kind)
    texts = padded_texts((64, 3))
    ids, mask = texts[side], texts[f'{side}_mask']
    pads = torch.zeros(2, 2, dtype=torch.long)
    wide_ids, wide_mask = (torch.cat((pads, t) if side == 'left' else (t, pads), 1) for t in (ids, mask))
    with torch.no_grad():
        exact, found = lm(ids, mask), lm(wide_ids, wide_mask)
        torch.testing.assert_close(found[wide_mask.bool()], exact[mask.bool()], atol=2e-5, rtol=0)
        with pytest.raises(ConfigError, match='numbers 64 tokens at most, found a text of 65'):
            lm(torch.full((1, 65), 5))
    with pytest.raises(ConfigError, match='a text of 64 and 5 cached or new ones'):
        lm.generate(ids, mask, max_new_tokens=5)


@torch.no_grad()
def test_cached_tokens_count_where_a_pass_goes_on_without_a_mask() -> None:
    lm = tiny_lm('opt')
    injection, cache = Injected(lm.injector(None), prompt=Prompt(torch.randn(3, 32))), lm.new_cache()
    lm(torch.full((1, 63), 5), injection=injection, cache=cache)
    lm(torch.full((1, 1), 5), injection=injection, cache=cache)
    with pytest.raises(ConfigError, match='a text of 1 and 64 cached'):
        lm(torch.full((1, 1), 5), injection=injection, cache=cache)


def test_logits_to_keep_never_reach_into_the_prompt() -> None:
    lm = tiny_lm('llama')
    injection = Injected(lm.injector(None), prompt=Prompt(torch.randn(3, 32)))
    with torch.no_grad():
        kept = lm(TEXTS['right'], injection=injection, logits_to_keep=9)
        torch.testing.assert_close(kept, lm(TEXTS['right'], injection=injection))
