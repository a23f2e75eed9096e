"""Transformer layers of connectors, against PyTorch's own."""

import pytest
import torch
from torch import nn

from mmalm.connectors.transformer import QueryMapper, TransformerLayer, check_heads
from mmalm.errors import ConfigError


@pytest.mark.parametrize('backend', ['sdpa', 'eager'])
@pytest.mark.parametrize('norm_first', [False, True])
@pytest.mark.parametrize('activation', ['gelu', 'relu'])
def test_equals_pytorchs_layer(activation: str, norm_first: bool, backend: str) -> None:
    torch.manual_seed(0)
    ours = TransformerLayer(8, 2, 16, activation, norm_first, backend=backend).eval()
    theirs = nn.TransformerEncoderLayer(
        8, 2, 16, dropout=0.0, activation=activation, batch_first=True, norm_first=norm_first
    ).eval()
    names = {
        'to_qkv.weight': 'self_attn.in_proj_weight',
        'to_qkv.bias': 'self_attn.in_proj_bias',
        'from_heads': 'self_attn.out_proj',
        'feed_forward.0': 'linear1',
        'feed_forward.3': 'linear2',
        'norms.0': 'norm1',
        'norms.1': 'norm2',
    }
    weights = {}
    for name, value in ours.state_dict().items():
        stem = next(n for n in names if name.startswith(n))
        weights[names[stem] + name[len(stem) :]] = value
    theirs.load_state_dict(weights)
    tokens = torch.randn(3, 5, 8)
    torch.testing.assert_close(ours(tokens), theirs(tokens))


def test_dropout_in_training_alone() -> None:
    torch.manual_seed(0)
    layer, tokens = TransformerLayer(8, 2, 8, dropout=0.5), torch.randn(2, 5, 8)
    assert not torch.equal(layer(tokens), layer(tokens))
    layer.eval()
    assert torch.equal(layer(tokens), layer(tokens))


def test_queries_stand_behind_the_tokens() -> None:
    torch.manual_seed(0)
    mapper, tokens = QueryMapper(8, queries=2, layers=2, heads=2), torch.randn(3, 5, 8)
    whole = torch.cat([tokens, mapper.queries.expand(3, 2, 8)], 1)
    torch.testing.assert_close(mapper(tokens), mapper.layers(whole)[:, 5:])


def test_without_queries_all_tokens_are_given() -> None:
    mapper, tokens = QueryMapper(8, queries=0, layers=1, heads=2), torch.randn(3, 5, 8)
    assert torch.equal(mapper(tokens), mapper.layers(tokens))
    assert 'queries' not in dict(mapper.named_parameters())


def test_mistakes() -> None:
    with pytest.raises(ConfigError, match='a width of 10 cannot be divided among 4 heads'):
        check_heads('MaplMapper', 10, 4, 'auto')
    with pytest.raises(ConfigError, match="unknown attention 'spda'. Did you mean 'sdpa'"):
        check_heads('MaplMapper', 8, 4, 'spda')
