"""Gated cross-attention."""

from pathlib import Path

import pytest
import torch
from tiny_connectors import H, build, check_alone, parameters, perception

from mmalm.connectors.cross_attention import GatedBlock, GatedCrossAttention
from mmalm.errors import ConfigError
from mmalm.registry import CONNECTORS

SMALL = dict(blocks=4, width=8, heads=2)


def opened(connector: torch.nn.Module) -> torch.nn.Module:
    """The same with gates away from 0, each another."""
    for j, block in enumerate(connector.blocks):
        torch.nn.init.constant_(block.gate, 0.5 + j)
        if block.feed_forward is not None:
            torch.nn.init.constant_(block.feed_forward_gate, 0.25)
    return connector


def attend(connector: GatedCrossAttention, source: int, memory: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
    return connector.attend(source, connector.remember(source, memory), hidden)


@pytest.mark.parametrize('ratio', [0, 2])
def test_closed_gates_leave_the_text_as_it_is(ratio: int) -> None:
    connector, hidden = build('GatedCrossAttention', ratio=ratio, **SMALL), torch.randn(3, 5, H)
    memory = connector(perception())
    assert memory.shape == (3, 1, 2 * 17, 8)
    assert (connector.attends, connector.reads, connector.num_sources) == (True, 'levels', 4)
    for source in range(4):
        assert torch.equal(attend(connector, source, memory[:, 0], hidden), hidden)
    check_alone(connector, perception())


@pytest.mark.parametrize('shared', [True, False])
def test_each_layer_attends_to_its_own_level(shared: bool) -> None:
    connector, seen = opened(build('GatedCrossAttention', shared=shared, **SMALL)), perception()
    assert len(connector.blocks) == (1 if shared else 4)
    hidden, memory = torch.randn(3, 5, H), connector(seen)[:, 0]
    for source, level in enumerate([0, 0, 1, 1]):
        own = connector.leave(connector.mapper(connector.enter(seen.levels[level])))
        block = connector.blocks[0 if shared else source]
        expected = block(hidden, block.to_key_value(own))
        torch.testing.assert_close(attend(connector, source, memory, hidden), expected)
        assert (expected - hidden).abs().max() > 0.01


def test_one_block_by_hand() -> None:
    torch.manual_seed(0)
    block, hidden, memory = GatedBlock(4, 4, 1, 0, 'sdpa', 2.0), torch.randn(2, 3, 4), torch.randn(2, 5, 4)
    torch.nn.init.constant_(block.gate, 0.15)  # at gate_rate 2
    key, value = block.to_key_value(memory).split(4, -1)
    weights = (block.to_query(block.norm(hidden)) @ key.transpose(1, 2) / 2).softmax(-1)
    expected = hidden + torch.tensor(0.3).tanh() * block.leave(block.found_norm(weights @ value))
    torch.testing.assert_close(block(hidden, block.to_key_value(memory)), expected)


def test_a_position_attends_for_itself() -> None:
    connector, hidden = opened(build('GatedCrossAttention', ratio=1, **SMALL)), torch.randn(3, 5, H)
    memory = connector(perception())[:, 0]
    whole = attend(connector, 1, memory, hidden)
    for i in range(5):
        torch.testing.assert_close(attend(connector, 1, memory, hidden[:, i : i + 1]), whole[:, i : i + 1])


def test_only_gates_learn_at_the_first_step() -> None:
    connector = build('GatedCrossAttention', shared=False, ratio=2, **SMALL)
    memory = connector(perception())[:, 0]
    sum(attend(connector, j, memory, torch.randn(3, 5, H)).square().sum() for j in range(4)).backward()
    moved = {name for name, p in connector.named_parameters() if p.grad is not None and p.grad.abs().sum() > 0}
    assert moved == {f'blocks.{j}.{gate}' for j in range(4) for gate in ('gate', 'feed_forward_gate')}


def test_half_precision_text() -> None:
    connector, hidden = opened(build('GatedCrossAttention', **SMALL)), torch.randn(3, 5, H).bfloat16()
    assert attend(connector, 0, connector(perception())[:, 0], hidden).dtype == torch.bfloat16


def test_shrunk(tmp_path: Path) -> None:
    small = build('GatedCrossAttention', **GatedCrossAttention.shrink({'ratio': 4, 'blocks': 3}, tmp_path))
    assert (small.num_sources, small.leave.out_features) == (3, 16)
    assert parameters(small) < 20_000


def test_levels_of_unequal_width() -> None:
    with pytest.raises(ConfigError, match=r'equal width, found \[4, 8\]'):
        CONNECTORS.build({'type': 'GatedCrossAttention', **SMALL}, widths=[4, 8], hidden_size=H)
