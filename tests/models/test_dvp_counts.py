"""What DVP trains (papers' sizes, on the meta device), with its adapters, norms and heads."""

import pytest
import torch

from mmalm.registry import MODELS

BERT = {'type': 'EncoderLM', 'config': {'model_type': 'bert'}}
T5 = {
    'type': 'Seq2SeqLM',
    'config': {'model_type': 't5', 'd_model': 768, 'd_ff': 3072, 'num_layers': 12, 'num_heads': 12},
}
LLAMA = {'type': 'CausalLM', 'config': {'model_type': 'llama'}}
NORMS = {
    'bert': 'language_model.model.encoder.*LayerNorm*',
    't5': 'language_model.*layer_norm*',
    'llama': 'language_model.*norm*',
}


def adapter(place: str, **options) -> dict:
    return {'type': 'BottleneckAdapter', 'place': place, **options}


def model(language_model: dict, connector: dict, adapters: list[dict], trainable: list[str]):
    config = {
        'type': 'AugmentedLM',
        'encoder': {'type': 'TimmEncoder', 'model': 'vit_base_patch16_clip_224', 'levels': 1, 'pretrained': False},
        'connector': {'type': 'CrossAttentionPrompt', 'start': 'released', **connector},
        'schedule': {'type': 'SingleLayer', 'layer': 3},
        'language_model': language_model,
        'head': {
            'type': 'ClassificationHead',
            'answers': 'nowhere.json',
            'classes': 3129,
            'hidden': 512 if language_model is LLAMA else 1536,
        },
        'adapters': adapters,
        'trainable': trainable,
    }
    with torch.device('meta'):
        return MODELS.build(config, key='model')


REDUCED = {'reduction': 8, 'init': 'normal', 'init_std': 0.01}
CASES = {
    # cross-attention and token types, 24 adapters, norms of the layers
    'bert': (
        BERT,
        {'token_types': True},
        [adapter('attention', **REDUCED), adapter('mlp', **REDUCED)],
        5_960_448,
        5_993_529,
    ),
    # 24 adapters in the encoder, 36 in the decoder, all norms
    't5': (
        T5,
        {'token_types': True, 'query': 'mean'},
        [adapter(place, stack='encoder', **REDUCED) for place in ('attention', 'mlp')]
        + [adapter(place, stack='decoder', **REDUCED) for place in ('attention', 'cross_attention', 'mlp')],
        11_310_720,
        5_993_529,
    ),
    'llama': (
        LLAMA,
        {'query': 'eos', 'width': 512, 'heads': 16},
        [adapter(place, reduction=64, activation='silu', init='xavier') for place in ('attention', 'mlp')],
        39_073_280,
        3_703_865,
    ),
}


@pytest.mark.parametrize('name', CASES)
def test_published_counts(name: str) -> None:
    language_model, connector, adapters, count, head = CASES[name]
    without = model(language_model, connector, adapters, ['connector.*', 'adapters.*', NORMS[name]])
    assert without.trainable_table.trainable == count
    whole = model(language_model, connector, adapters, ['connector.*', 'adapters.*', 'head.*', NORMS[name]])
    assert whole.trainable_table.trainable == count + head


def test_all_that_was_added_trains_unless_told() -> None:
    table = model(BERT, {}, [], None).trainable_table
    assert [row.pattern for row in table.rows] == ['connector.*', 'head.*']
    assert table.trainable == 2_362_368 + 5_993_529
