"""The four resamplers of DePALM."""

from pathlib import Path

import pytest
import torch
from tiny_connectors import LAYOUT, D, H, build, check_alone, parameters, perception

from mmalm.connectors.reading import in_groups
from mmalm.connectors.transformer import TransformerLayer
from mmalm.errors import ConfigError
from mmalm.registry import CONNECTORS

LAYER = parameters(TransformerLayer(8, 2, 8))
KINDS = {
    # tokens, parameters: in, between, norm, out
    'AveragePool': (5, (D * H + H) + H + (H * H + H)),
    'LinearResampler': (5, (D * H + H) + (4 * H * H + H) + H + (H * H + H)),
    'RandomPatches': (17, D + (D * H + H)),
    'QueryResampler': (5, (D * 8 + 8) + (8 + 4 * LAYER) + 8 + (8 * H + H)),
}
OPTIONS = {'QueryResampler': dict(width=8, heads=2)}


@pytest.mark.parametrize('kind', KINDS)
def test_shapes_counts_and_independence(kind: str) -> None:
    connector, seen = build(kind, **OPTIONS.get(kind, {})), perception()
    tokens, count = KINDS[kind]
    assert (connector.num_sources, connector.tokens_per_source, connector.reads) == (1, tokens, 'levels')
    assert connector(seen).shape == (3, 1, tokens, H)
    assert parameters(connector) == count
    check_alone(connector, seen)


@pytest.mark.parametrize('kind', KINDS)
def test_the_summary_token_comes_first(kind: str) -> None:
    connector, seen = build(kind, **OPTIONS.get(kind, {})), perception()
    expected = connector.leave(connector.norm(connector.enter(seen.cls[:, -1])))
    torch.testing.assert_close(connector(seen)[:, 0, 0], expected)


@pytest.mark.parametrize('kind', ['AveragePool', 'LinearResampler', 'QueryResampler'])
def test_shrunk_it_fits_any_grid(kind: str, tmp_path: Path) -> None:
    small = CONNECTORS.component(kind).shrink({'reduction': 16}, tmp_path)
    assert small['reduction'] == 1
    with pytest.raises(ConfigError, match='no squares of 9'):
        build(kind, reduction=9)


def test_average_of_each_square() -> None:
    connector, seen = build('AveragePool', width=D), perception()
    entered = connector.enter(seen.levels[-1][:, 1:]).view(3, 2, 2, 2, 2, D)
    torch.testing.assert_close(connector.resample(entered.view(3, 16, D)), entered.mean((2, 4)).view(3, 4, D))


def test_linear_map_of_each_square() -> None:
    connector = build('LinearResampler', width=D)
    patches = torch.randn(3, 16, D)
    grid = patches.view(3, 4, 4, D)
    corner = torch.cat([grid[:, 0, 0], grid[:, 0, 1], grid[:, 1, 0], grid[:, 1, 1]], -1)
    torch.testing.assert_close(connector.resample(patches)[:, 0], connector.mix(corner))


def test_queries_see_their_own_square_alone() -> None:
    connector = build('QueryResampler', width=8, heads=2, tokens=2)
    assert connector.tokens_per_source == 1 + 2 * 4
    patches = torch.randn(1, 16, 8)
    changed = patches.clone()
    changed[:, 0] += 1
    moved = (connector.resample(patches) - connector.resample(changed)).abs().sum(-1)[0] > 1e-4
    assert moved.tolist() == [True, True, *[False] * 6]
    assert in_groups(patches, LAYOUT, 4)[0, 0].equal(patches[0, [0, 1, 4, 5]])


class TestRandomPatches:
    numbers = torch.arange(16.0).view(1, 16, 1).expand(64, -1, D)

    def test_training_draws_for_every_sample_in_order(self) -> None:
        connector = build('RandomPatches').train()
        assert connector.tokens_per_source == 5
        torch.manual_seed(3)
        drawn = connector.resample(self.numbers)[..., 0]
        assert drawn.shape == (64, 4)
        assert (drawn.diff(dim=1) > 0).all()
        assert len(drawn.unique(dim=0)) > 32
        assert drawn.unique().tolist() == list(range(16))
        torch.manual_seed(3)
        assert torch.equal(connector.resample(self.numbers)[..., 0], drawn)

    def test_evaluation_sees_all(self) -> None:
        connector = build('RandomPatches')
        assert connector.tokens_per_source == 17
        assert connector.resample(self.numbers) is self.numbers

    def test_evaluation_on_as_many(self) -> None:
        connector = build('RandomPatches', evaluate='spread')
        assert connector.tokens_per_source == 5
        assert connector.resample(self.numbers)[0, :, 0].tolist() == [2, 6, 10, 14]
        three = build('RandomPatches', evaluate='spread', share=0.2)
        assert three.resample(self.numbers)[0, :, 0].tolist() == [2, 8, 13]

    def test_gradients_in_training(self) -> None:
        connector = build('RandomPatches').train()
        connector(perception()).sum().backward()
        assert all(p.grad is not None for p in connector.parameters())

    def test_mistakes(self) -> None:
        with pytest.raises(ConfigError, match="unknown evaluate 'al'. Did you mean 'all'"):
            build('RandomPatches', evaluate='al')
