"""The tokenizer of dry runs: any text, and the special tokens a model's configuration names."""

import pytest
from transformers import AutoTokenizer

from mmalm.lms.tiny_tokenizer import END, write_byte_tokenizer


def written(folder, **facts):
    return write_byte_tokenizer(folder, facts), AutoTokenizer.from_pretrained(folder)


@pytest.mark.parametrize('text', ['What is this?', ' zwei  Wörter', '漢字 🐧', '<pad>', ''])
def test_any_text_comes_back(text, tmp_path):
    _, tokenizer = written(tmp_path, bos_token_id=2, eos_token_id=2, pad_token_id=1)
    ids = tokenizer(text, add_special_tokens=False)['input_ids']
    assert tokenizer.decode(ids) == text and len(ids) == len(text.encode())


def test_special_tokens_are_those_of_the_configuration(tmp_path):
    facts = dict(model_type='opt', bos_token_id=2, eos_token_id=2, pad_token_id=1, vocab_size=50272)
    changes, tokenizer = written(tmp_path, **facts)
    # roles that share an id share it still
    assert changes == {'bos_token_id': 0, 'eos_token_id': 0, 'pad_token_id': 1, 'vocab_size': 320}
    assert (tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id) == (0, 0, 1)
    assert tokenizer('a')['input_ids'][0] == tokenizer.bos_token_id
    assert max(tokenizer.get_vocab().values()) < changes['vocab_size']


def test_several_ends_and_no_padding(tmp_path):
    changes, tokenizer = written(tmp_path, model_type='gpt2', eos_token_id=[7, 9])
    assert changes['eos_token_id'] == [0, 1]
    assert (tokenizer.eos_token_id, tokenizer.pad_token_id) == (0, None)
    assert len(tokenizer('a')['input_ids']) == 1


def test_there_is_always_an_end(tmp_path):
    changes, tokenizer = written(tmp_path, model_type='qwen2', eos_token_id=None)
    assert tokenizer.eos_token == END and 'eos_token_id' not in changes


@pytest.mark.parametrize(
    ('facts', 'around'),
    [
        (dict(model_type='bert', pad_token_id=0), ('<cls>', '<sep>')),
        (dict(model_type='roberta', bos_token_id=0, pad_token_id=1, eos_token_id=2), ('<special0>', '<special2>')),
        (dict(model_type='t5', pad_token_id=0, eos_token_id=1, decoder_start_token_id=0), (None, '<special1>')),
    ],
)
def test_encoders_find_their_own_tokens_around_a_text(facts, around, tmp_path):
    _, tokenizer = written(tmp_path, **facts)
    tokens = tokenizer.convert_ids_to_tokens(tokenizer('ab')['input_ids'])
    assert tokens == [token for token in (around[0], 'a', 'b', around[1]) if token]
