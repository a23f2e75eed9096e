"""The example project: its parts by hand, together with every kind of language model, and through its config."""

import pytest
import torch
from tiny import LM_CONFIGS, padded_texts, tiny_lm

from mmalm.analysis.describe import describe
from mmalm.config import load_config
from mmalm.encoders.perception import Perception
from mmalm.errors import ConfigError
from mmalm.injection import Injected, StaticTokens
from mmalm.registry import CONNECTORS, SCHEDULES

CONFIG = 'projects/example/configs/gated_pulses_stamps.py'


@pytest.fixture(scope='module', autouse=True)
def config(pytestconfig):
    """Loading the config is what registers the project's components."""
    return load_config(pytestconfig.rootpath / CONFIG)


def connector(**options):
    torch.manual_seed(0)
    return CONNECTORS.build({'type': 'GatedConnector', **options}, widths=[5, 5], hidden_size=8)


def test_a_shut_gate_lets_no_picture_in_but_learns():
    built = connector()
    first, second = (built(Perception(torch.randn(3, 2, 5))) for _ in range(2))
    assert first.shape == (3, 2, 1, 8) and torch.equal(first, second)
    first.square().sum().backward()
    assert built.gates.grad.abs().min() > 0 and built.projections[0].weight.grad.abs().max() == 0


def test_an_open_gate_adds_the_projection_by_its_tanh():
    built, perception = connector(gate=0.5), Perception(torch.randn(3, 2, 5))
    seen = built.projections[1](perception.cls[:, 1])
    expected = built.tokens[1] + torch.tanh(torch.tensor(0.5)) * seen
    torch.testing.assert_close(built(perception)[:, 1, 0], expected)


def test_a_gate_that_could_not_move_is_refused():
    with pytest.raises(ConfigError, match='gate=40'):
        connector(gate=40)


def plan(**options):
    return SCHEDULES.build({'type': 'Pulses', **options}).plan(8, 3)


def test_one_source_at_a_time():
    assert plan(start=1, every=2).slots == ((), (0,), (0,), (1,), (1,), (2,), (2,), ())


def test_sources_may_overlap_and_stay_to_the_last_layer():
    assert plan(start=2, every=2, stay=3).slots == ((), (), (0,), (0,), (0, 1), (1,), (1, 2), (2,))


@pytest.mark.parametrize('options', [dict(start=-1, every=2), dict(start=0, every=0), dict(start=6, every=2)])
def test_pulses_that_cannot_be_are_refused(options):
    with pytest.raises(ConfigError):
        plan(**options)


@pytest.mark.parametrize('kind', LM_CONFIGS)
@torch.no_grad()
def test_padding_changes_nothing_in_any_language_model(kind):
    lm, texts = tiny_lm(kind), padded_texts()
    injector = lm.injector(SCHEDULES.build({'type': 'Pulses', 'start': 1, 'every': 2}).plan(6, 2))
    tokens = StaticTokens(torch.randn(3, 2, 1, lm.hidden_size, generator=torch.Generator().manual_seed(0)))
    logits = {
        side: lm(texts[side], texts[f'{side}_mask'], injection=Injected(injector, tokens))[texts[f'{side}_mask'].bool()]
        for side in ('left', 'right')
    }
    torch.testing.assert_close(logits['left'], logits['right'], atol=2e-5, rtol=0)
    seen = lm(texts['right'], texts['right_mask'])[texts['right_mask'].bool()]
    assert (logits['right'] - seen).abs().max() > 1e-2


def test_the_config_says_what_trains_and_draws_the_pulses(config):
    text = describe(config)
    assert '1,334,598' in text and 'remove slot 4, insert 5' in text
