"""Linear connectors."""

import pytest
import torch

from mmalm.encoders.perception import Perception
from mmalm.errors import ConfigError
from mmalm.registry import CONNECTORS


def build(**options):
    return CONNECTORS.build({'type': 'LinearConnector', **options})


def parameters(module: torch.nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def test_published_counts() -> None:
    assert parameters(build(widths=[768] * 6, hidden_size=2560)) == 11_811_840
    assert parameters(build(widths=[1024] * 6, hidden_size=4096, shared=True)) == 4_198_400


def test_each_level_has_its_own_projection() -> None:
    connector = build(widths=[4, 4], hidden_size=3)
    cls = torch.randn(5, 2, 4)
    tokens = connector(Perception(cls))
    assert tokens.shape == (5, 2, 1, 3)
    for j, projection in enumerate(connector.projections):
        torch.testing.assert_close(tokens[:, j, 0], cls[:, j] @ projection.weight.T + projection.bias)


def test_shared_projection_serves_all_levels() -> None:
    connector = build(widths=[4, 4], hidden_size=3, shared=True)
    same = torch.randn(5, 1, 4).expand(5, 2, 4)
    tokens = connector(Perception(same))
    assert torch.equal(tokens[:, 0], tokens[:, 1])
    assert list(connector.state_dict()) == ['projections.0.weight', 'projections.0.bias']


def test_levels_of_unequal_width() -> None:
    connector = build(widths=[4, 8], hidden_size=3)
    assert connector(Perception([torch.randn(5, 4), torch.randn(5, 8)])).shape == (5, 2, 1, 3)
    with pytest.raises(ConfigError, match=r'equal width, found \[4, 8\]'):
        build(widths=[4, 8], hidden_size=3, shared=True)


def test_init_scale() -> None:
    torch.manual_seed(0)
    plain = build(widths=[4], hidden_size=3)
    torch.manual_seed(0)
    small = build(widths=[4], hidden_size=3, init_scale=0.1)
    torch.testing.assert_close(small.projections[0].weight, plain.projections[0].weight * 0.1)


def test_another_number_of_levels_is_refused() -> None:
    with pytest.raises(ConfigError, match='made for 2 levels, the features have 3'):
        build(widths=[4, 4], hidden_size=3)(Perception(torch.randn(5, 3, 4)))
