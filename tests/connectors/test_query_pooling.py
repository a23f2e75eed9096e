"""Tokens pooled by queries."""

from pathlib import Path

import pytest
import torch
from tiny_connectors import H, build, check_alone, parameters, perception

from mmalm.connectors.query_pooling import QueryPooling, level_of
from mmalm.errors import ConfigError
from mmalm.registry import CONNECTORS

SMALL = dict(tokens=3, width=8, heads=2)


@pytest.mark.parametrize(
    ('targets', 'levels', 'read'),
    [
        (1, 4, [3]),
        (4, 4, [0, 1, 2, 3]),
        (12, 4, [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]),
        (5, 2, [0, 0, 1, 1, 1]),
        (2, 6, [2, 5]),
    ],
)
def test_which_level_a_target_reads(targets: int, levels: int, read: list[int]) -> None:
    assert [level_of(j, targets, levels) for j in range(targets)] == read


def test_layer_0_reads_the_deepest_level() -> None:
    connector, seen = build('QueryPooling', **SMALL), perception()
    assert (connector.num_sources, connector.tokens_per_source, connector.reads) == (1, 3, 'levels')
    expected = connector.leave(connector.mapper(connector.enter(seen.levels[-1])))
    assert torch.equal(connector(seen)[:, 0], expected)
    check_alone(connector, seen)


def test_inner_targets_share_the_mapper_and_have_their_own_norms() -> None:
    connector, seen = build('QueryPooling', targets=4, token_norm=True, **SMALL), perception()
    torch.nn.init.normal_(connector.biases)
    for norm in connector.norms:
        torch.nn.init.normal_(norm.weight)
    found = connector(seen)
    assert found.shape == (3, 4, 3, H)
    for j, level in enumerate([0, 0, 1, 1]):
        pooled = connector.leave(connector.mapper(connector.enter(seen.levels[level])))
        torch.testing.assert_close(found[:, j], connector.norms[j](pooled) + connector.biases[j])
    one = parameters(build('QueryPooling', **SMALL))
    assert parameters(connector) == one + 4 * 2 * H
    check_alone(connector, seen)


def test_shrunk(tmp_path: Path) -> None:
    small = build('QueryPooling', **QueryPooling.shrink({'targets': 4}, tmp_path))
    assert (small.num_sources, small.tokens_per_source, small.leave.in_features) == (4, 3, 16)


def test_levels_of_unequal_width() -> None:
    with pytest.raises(ConfigError, match=r'equal width, found \[4, 8\]'):
        CONNECTORS.build({'type': 'QueryPooling', 'targets': 2, **SMALL}, widths=[4, 8], hidden_size=H)
