"""Tokens projected one by one."""

import pytest
import torch
from tiny_connectors import LAYOUT, D, H, build, check_alone, parameters, perception

from mmalm.encoders import Perception
from mmalm.errors import ConfigError
from mmalm.registry import CONNECTORS


@pytest.mark.parametrize(('tokens', 'first', 'count'), [('cls', 0, 1), ('all', 0, 17), ('patches', 1, 16)])
def test_each_token_is_projected(tokens: str, first: int, count: int) -> None:
    connector, seen = build('TokenConnector', tokens=tokens), perception()
    assert (connector.num_sources, connector.tokens_per_source) == (1, count)
    assert connector.reads == ('cls' if tokens == 'cls' else 'levels')
    weight, bias = connector.projection.weight, connector.projection.bias
    expected = seen.levels[-1][:, first : first + count] @ weight.T + bias
    torch.testing.assert_close(connector(seen), expected[:, None])
    assert parameters(connector) == D * H + H
    check_alone(connector, seen)


def test_frozen_makes_several_tokens_of_one() -> None:
    connector, seen = build('TokenConnector', each=2), perception()
    assert connector.tokens_per_source == 2
    flat = connector.projection(seen.cls[:, -1])
    found = connector(seen)
    assert found.shape == (3, 1, 2, H)
    assert torch.equal(found[:, 0, 0], flat[:, :H])
    assert torch.equal(found[:, 0, 1], flat[:, H:])


def test_norm_comes_after_the_projection() -> None:
    found = build('TokenConnector', tokens='all', norm=True)(perception())
    torch.testing.assert_close(found.mean(-1), torch.zeros(3, 1, 17), atol=1e-6, rtol=0)


def test_dropout_is_for_training_alone() -> None:
    connector, seen = build('TokenConnector', tokens='all', dropout=0.5), perception()
    assert torch.equal(connector(seen), connector(seen))
    dropped = connector.train()(seen)
    assert 0.3 < (dropped == 0).float().mean() < 0.7


def test_init_scale() -> None:
    plain, small = build('TokenConnector'), build('TokenConnector', init_scale=0.1)
    torch.testing.assert_close(small.projection.weight, 0.1 * plain.projection.weight)


def test_levels_of_unequal_width() -> None:
    connector = CONNECTORS.build({'type': 'TokenConnector'}, widths=[4, 8], hidden_size=H, layout=LAYOUT)
    assert connector(Perception([torch.randn(5, 4), torch.randn(5, 8)])).shape == (5, 1, 1, H)


def test_summary_tokens_alone_are_not_enough_for_all() -> None:
    with pytest.raises(ConfigError, match=r"reads all tokens of a level.*keep='levels'"):
        build('TokenConnector', tokens='all')(Perception(torch.randn(3, 2, D)))


def test_mistakes() -> None:
    with pytest.raises(ConfigError, match="unknown tokens 'patch'. Did you mean 'patches'"):
        build('TokenConnector', tokens='patch')
    with pytest.raises(ConfigError, match='needs layout'):
        CONNECTORS.build({'type': 'TokenConnector', 'tokens': 'all'}, widths=[4], hidden_size=H)
