"""What connectors share."""

import pytest
import torch
from tiny_connectors import build, perception

from mmalm.errors import ConfigError


@pytest.mark.parametrize(
    'connector',
    [
        {'kind': 'MaplMapper', 'tokens': 3, 'width': 8, 'heads': 2},
        {'kind': 'QueryPooling', 'tokens': 3, 'width': 8, 'heads': 2},
        {'kind': 'QueryPooling', 'tokens': 3, 'width': 8, 'heads': 2, 'targets': 3, 'token_norm': True},
        {'kind': 'AveragePool', 'reduction': 4},
        {'kind': 'LinearResampler', 'reduction': 4},
        {'kind': 'QueryResampler', 'reduction': 4, 'width': 8, 'heads': 2},
        {'kind': 'RandomPatches'},
        {'kind': 'TokenConnector', 'tokens': 'all'},
        {'kind': 'TokenConnector', 'tokens': 'patches', 'norm': True},
    ],
    ids=lambda c: f'{c["kind"]}{"_norm" * bool(c.get("norm") or c.get("token_norm"))}',
)
def test_init_scale_scales_the_first_tokens(connector: dict) -> None:
    plain, small = (build(**connector, init_scale=scale).eval() for scale in (1.0, 0.25))
    torch.testing.assert_close(small(perception()), 0.25 * plain(perception()))


def test_a_connector_that_does_not_say_what_it_attends_to_names_one_that_does() -> None:
    connector = build('QueryPooling', tokens=3, width=8, heads=2)
    with pytest.raises(ConfigError, match='QueryPooling does not say what it attends to; CrossAttentionPrompt does'):
        connector.watching()
