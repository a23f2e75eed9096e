"""Losses against hand-computed numbers."""

import math

import pytest
import torch

from mmalm.errors import ConfigError
from mmalm.losses import IGNORED, next_token_losses, reduce_token_losses

# two classes with probabilities 3/4 and 1/4 in every column
LOGITS = torch.tensor([math.log(3.0), 0.0]).expand(2, 3, 2)
LABELS = torch.tensor([[0, 0, 1], [IGNORED, IGNORED, 0]])
LOW, HIGH = math.log(4 / 3), math.log(4)


def test_each_column_predicts_the_next_label() -> None:
    expected = torch.tensor([[LOW, HIGH], [0.0, LOW]])
    torch.testing.assert_close(next_token_losses(LOGITS, LABELS), expected)


def test_reductions() -> None:
    losses = next_token_losses(LOGITS, LABELS)
    assert reduce_token_losses(losses, LABELS, 'token_mean').item() == pytest.approx((2 * LOW + HIGH) / 3)
    assert reduce_token_losses(losses, LABELS, 'sample_sum').item() == pytest.approx((2 * LOW + HIGH) / 2)
    with pytest.raises(ConfigError, match="Did you mean 'token_mean'"):
        reduce_token_losses(losses, LABELS, 'token_man')


def test_low_precision_logits_are_summed_in_float32() -> None:
    assert next_token_losses(LOGITS.bfloat16(), LABELS).dtype == torch.float32
