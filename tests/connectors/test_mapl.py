"""MAPL's mapping network."""

from pathlib import Path

import torch
from tiny_connectors import D, H, build, check_alone, parameters, perception

from mmalm.connectors.mapl import MaplMapper
from mmalm.registry import CONNECTORS


def test_constants_in_tokens_out() -> None:
    connector, seen = build('MaplMapper', tokens=3, width=8, heads=2), perception()
    assert (connector.num_sources, connector.tokens_per_source, connector.reads) == (1, 3, 'levels')
    expected = connector.leave(connector.mapper(connector.enter(seen.levels[-1])))
    assert torch.equal(connector(seen), expected[:, None])
    check_alone(connector, seen)


def test_the_shallower_levels_are_not_read() -> None:
    connector, seen = build('MaplMapper', tokens=3, width=8, heads=2), perception()
    before = connector(seen)
    seen.levels[0] += 1
    assert torch.equal(connector(seen), before)


def test_published_size() -> None:
    # CLIP ViT-L and GPT-J: 3.4 million
    connector = CONNECTORS.build({'type': 'MaplMapper'}, widths=[1024], hidden_size=4096)
    layer = 3 * 256 * 257 + 256 * 257 + 256 * 512 + 512 + 512 * 256 + 256 + 4 * 256
    assert parameters(connector) == (1024 * 256 + 256) + 32 * 256 + 4 * layer + (256 * 4096 + 4096) == 3_431_680


def test_shrunk(tmp_path: Path) -> None:
    small = build('MaplMapper', **MaplMapper.shrink({'layers': 2}, tmp_path))
    assert (small.tokens_per_source, len(small.mapper.layers)) == (3, 2)
    assert parameters(small) < 10_000
    assert small.leave.out_features == H
    assert small.enter.in_features == D
