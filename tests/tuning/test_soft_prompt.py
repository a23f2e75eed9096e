"""The soft prompt."""

import pytest
import torch

from mmalm.errors import ConfigError
from mmalm.registry import TUNERS


def parameters(**options) -> int:
    return sum(p.numel() for p in TUNERS.build({'type': 'SoftPrompt', **options}).parameters())


def test_published_counts() -> None:
    assert parameters(length=10, width=2560, mlp=True) == 13_137_920
    assert parameters(length=10, width=4096) == 40_960


def test_plain_prompt_is_its_embedding() -> None:
    prompt = TUNERS.build({'type': 'SoftPrompt', 'length': 3, 'width': 4})
    assert torch.equal(prompt().embeddings, prompt.embedding.weight)


def test_mlp_is_linear_tanh_linear() -> None:
    prompt = TUNERS.build({'type': 'SoftPrompt', 'length': 3, 'width': 4, 'mlp': True})
    first, second = prompt.mlp[0], prompt.mlp[2]
    hidden = torch.tanh(prompt.embedding.weight @ first.weight.T + first.bias)
    torch.testing.assert_close(prompt().embeddings, hidden @ second.weight.T + second.bias)


def test_init_std() -> None:
    torch.manual_seed(0)
    prompt = TUNERS.build({'type': 'SoftPrompt', 'length': 100, 'width': 100, 'init_std': 0.05})
    assert prompt().embeddings.std().item() == pytest.approx(0.05, rel=0.05)


def test_an_empty_prompt_is_refused() -> None:
    with pytest.raises(ConfigError, match='soft_prompt=None'):
        parameters(length=0, width=4)
