"""Tiny widths in place of real ones, by transformers' own names for them."""

import pytest

from mmalm.shrinking import shrink_widths

OPT = {'model_type': 'opt', 'hidden_size': 2560, 'num_attention_heads': 32, 'ffn_dim': 10240, 'num_hidden_layers': 32}
LLAMA = {'hidden_size': 4096, 'num_attention_heads': 32, 'num_key_value_heads': 8, 'intermediate_size': 14336}
QWEN3 = {'hidden_size': 1024, 'num_attention_heads': 16, 'num_key_value_heads': 8, 'head_dim': 128}


@pytest.mark.parametrize(
    ('facts', 'expected'),
    [
        (OPT, {'hidden_size': 64, 'num_attention_heads': 4, 'ffn_dim': 256, 'num_hidden_layers': 32}),
        # OPT-350M embeds in half the width
        ({**OPT, 'hidden_size': 1024, 'num_attention_heads': 16, 'word_embed_proj_dim': 512}, {'word_embed_proj_dim': 32}),
        ({**OPT, 'word_embed_proj_dim': 2560}, {'word_embed_proj_dim': 64}),
        # four queries a key, as before
        (LLAMA, {'hidden_size': 64, 'num_attention_heads': 8, 'num_key_value_heads': 2, 'intermediate_size': 224}),
        # heads that together are twice as wide as the model
        (QWEN3, {'hidden_size': 32, 'num_attention_heads': 4, 'num_key_value_heads': 2, 'head_dim': 16}),
        ({'n_embd': 768, 'n_head': 12, 'n_inner': None}, {'n_embd': 64, 'n_head': 4, 'n_inner': None}),
        ({'d_model': 512, 'num_heads': 8, 'd_kv': 64, 'd_ff': 2048}, {'d_model': 64, 'num_heads': 4, 'd_kv': 16, 'd_ff': 256}),
        ({'embed_dim': 96, 'num_heads': [3, 6], 'depths': [2, 2]}, {'embed_dim': 24, 'num_heads': [3, 6], 'depths': [2, 2]}),
        ({'hidden_sizes': [256, 512], 'embedding_size': 64}, {'hidden_sizes': [16, 32], 'embedding_size': 8}),
    ],
)  # fmt: skip
def test_widths_shrink_and_proportions_stay(facts, expected):
    small = shrink_widths(facts)
    assert {name: small[name] for name in expected} == expected
    assert small.keys() == facts.keys()


@pytest.mark.parametrize('facts', [{'hidden_size': 8, 'num_attention_heads': 2}, {'model_type': 'unheard-of', 'w': 3}])
def test_what_is_small_or_not_understood_stays(facts):
    assert shrink_widths(facts) == facts


def test_what_is_said_of_weights_is_left_out():
    assert shrink_widths({'architectures': ['OPT'], 'dtype': 'float16', 'a': 1}) == {'a': 1}
