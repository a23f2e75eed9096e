"""DVP's connector."""

from pathlib import Path

import pytest
import torch
from tiny_connectors import D, H, build, parameters, perception
from torch import Tensor

from mmalm.connectors.cross_attention_prompt import CrossAttentionPrompt, who_asks
from mmalm.errors import ConfigError
from mmalm.registry import CONNECTORS

SMALL = dict(width=8, heads=2)
SPAN = torch.tensor([[1, 1, 1, 1, 0], [0, 0, 1, 1, 1], [1, 0, 0, 0, 0]]).bool()


def prompt(connector: CrossAttentionPrompt, hidden: Tensor, source: int = 0, span: Tensor = SPAN) -> Tensor:
    return connector.query(perception(), source, hidden, span)


def states() -> Tensor:
    return torch.randn(3, 5, H, generator=torch.Generator().manual_seed(3))


def test_released_by_hand() -> None:
    connector, seen, hidden = build('CrossAttentionPrompt', start='released', **SMALL), perception(), states()
    place = connector.places[0]
    visual, found = seen.levels[-1], []
    for head in range(2):
        part = slice(4 * head, 4 * head + 4)
        query = place.to_query(torch.stack([hidden[0, 0], hidden[1, 2], hidden[2, 0]]))[:, None, part]
        key, value = place.to_key(visual)[..., part], place.to_value(visual)[..., part]
        found.append((query @ key.transpose(1, 2) / 2).softmax(-1) @ value)
    expected = place.leave(torch.cat(found, -1))
    torch.testing.assert_close(prompt(connector, hidden), expected)
    assert expected.shape == (3, 1, H) and connector.shift(0) is None
    assert (connector.needs_query, connector.reads, connector.num_sources) == (True, 'levels', 1)


def test_who_asks() -> None:
    hidden = states()
    asked, weights = who_asks('cls', hidden, SPAN)
    assert (
        torch.equal(asked[:, 0], torch.stack([hidden[0, 0], hidden[1, 2], hidden[2, 0]]))
        and weights.tolist() == [[1]] * 3
    )
    assert torch.equal(who_asks('eos', hidden, SPAN)[0][:, 0], torch.stack([hidden[0, 3], hidden[1, 4], hidden[2, 0]]))
    mean = who_asks('mean', hidden, SPAN)[0][:, 0]
    torch.testing.assert_close(mean, torch.stack([hidden[0, :4].mean(0), hidden[1, 2:].mean(0), hidden[2, 0]]))
    asked, weights = who_asks('text', hidden, SPAN)
    assert asked is hidden
    torch.testing.assert_close(weights[1], torch.tensor([0, 0, 1 / 3, 1 / 3, 1 / 3]))


@pytest.mark.parametrize('query', ['cls', 'eos', 'mean', 'text'])
@pytest.mark.parametrize('tokens', [1, 3])
def test_what_is_outside_the_span_changes_nothing(query: str, tokens: int) -> None:
    connector, hidden = build('CrossAttentionPrompt', query=query, tokens=tokens, **SMALL), states()
    before = prompt(connector, hidden)
    assert before.shape == (3, tokens, H)
    torch.testing.assert_close(prompt(connector, hidden.where(SPAN[:, :, None], 1e4)), before)
    # each sample by itself
    for row in range(3):
        rows = torch.tensor([row])
        alone = connector.query(perception().select(rows), 0, hidden[rows], SPAN[rows])
        torch.testing.assert_close(alone, before[rows])


def test_every_text_token_asks_and_the_mean_is_taken() -> None:
    connector, hidden = build('CrossAttentionPrompt', query='text', **SMALL), states()
    one = build('CrossAttentionPrompt', query='cls', **SMALL)
    one.load_state_dict(connector.state_dict())
    alone = [prompt(one, hidden, span=torch.eye(5).bool()[[column] * 3]) for column in range(2, 5)]
    torch.testing.assert_close(prompt(connector, hidden)[1], torch.stack(alone).mean(0)[1])


def test_prompt_tokens_differ_by_their_own_vectors() -> None:
    connector, hidden = build('CrossAttentionPrompt', tokens=3, query='text', **SMALL), states()
    torch.nn.init.normal_(connector.places[0].offsets, std=3.0)
    three = prompt(connector, hidden)
    assert (three[:, 0] - three[:, 1]).abs().max() > 1e-3
    torch.nn.init.zeros_(connector.places[0].offsets)
    alike = prompt(connector, hidden)
    torch.testing.assert_close(alike, alike[:, :1].expand(-1, 3, -1))


def test_starts() -> None:
    hidden = states()
    gated = build('CrossAttentionPrompt', start='gated', token_types=True, **SMALL)
    assert torch.equal(prompt(gated, hidden), torch.zeros(3, 1, H))
    prompt(gated, hidden).sum().backward()
    assert gated.places[0].gate.grad != 0
    small, released = (
        build('CrossAttentionPrompt', start=start, token_types=True, width=64, heads=2)
        for start in ('small', 'released')
    )
    assert prompt(small, hidden).abs().max() < 0.2 < prompt(released, hidden).abs().max()
    assert small.shift(0).std() < 0.05 and released.shift(0).std() > 0.3
    types = released.places[0].token_types.weight
    assert torch.equal(released.shift(0), types[0])
    with torch.no_grad():
        before = prompt(released, hidden)
        types[1] += 1
        torch.testing.assert_close(prompt(released, hidden), before + 1)


def test_places_have_a_cross_attention_each() -> None:
    connector, hidden = build('CrossAttentionPrompt', targets=3, **SMALL), states()
    assert connector.num_sources == 3
    assert parameters(connector) == 3 * parameters(build('CrossAttentionPrompt', **SMALL))
    prompt(connector, hidden, source=1).sum().backward()
    assert [place.leave.weight.grad is not None for place in connector.places] == [False, True, False]


def test_attention_maps_on_request() -> None:
    connector, hidden = build('CrossAttentionPrompt', tokens=2, query='text', **SMALL), states()
    with connector.watching() as maps:
        watched = prompt(connector, hidden)
    ((source, weights),) = maps
    assert source == 0 and weights.shape == (3, 2, 2, 17)
    torch.testing.assert_close(weights.sum(-1), torch.ones(3, 2, 2))
    assert torch.equal(prompt(connector, hidden), watched) and len(maps) == 1


@pytest.mark.parametrize(
    ('visual', 'hidden', 'width', 'heads', 'count'),
    [(768, 768, None, 12, 2_362_368), (768, 4096, 512, 16, 4_986_368), (1024, 4096, 512, 16, 5_248_512)],
    ids=['bert_t5', 'llama', 'scienceqa'],
)
def test_published_sizes(visual: int, hidden: int, width: int | None, heads: int, count: int) -> None:
    config = {'type': 'CrossAttentionPrompt', 'start': 'released', 'width': width, 'heads': heads}
    with torch.device('meta'):
        connector = CONNECTORS.build(config, widths=[visual], hidden_size=hidden)
    assert parameters(connector) == count


def test_shrunk(tmp_path: Path) -> None:
    small = build(
        'CrossAttentionPrompt', **CrossAttentionPrompt.shrink({'width': 512, 'heads': 16, 'tokens': 2}, tmp_path)
    )
    assert prompt(small, states()).shape == (3, 2, H)
    assert small.places[0].to_key.in_features == D


@pytest.mark.parametrize(
    ('options', 'message'),
    [({'query': 'sep'}, "'sep'"), ({'start': 'zero'}, "'zero'"), ({'width': 8, 'heads': 3}, 'cannot be divided')],
)
def test_what_cannot_be(options: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build('CrossAttentionPrompt', **{**SMALL, **options})
