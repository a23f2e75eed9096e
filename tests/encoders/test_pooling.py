import pytest
import torch

from mmalm.encoders.pooling import check_pooling, pool
from mmalm.errors import ConfigError


def test_the_three_poolings():
    tokens = torch.tensor([[[9.0], [7.0], [1.0], [5.0]]])  # CLS, register, two patches
    assert pool(tokens, 'cls', 2).item() == 9
    assert pool(tokens, 'mean', 2).item() == 3
    assert pool(tokens, 'max', 2).item() == 5


def test_cls_needs_a_cls_token():
    assert check_pooling('cls', True, 'm') == 'cls'
    with pytest.raises(ConfigError, match=r"m has no CLS token.*Choose one of 'mean', 'max'\."):
        check_pooling('cls', False, 'm')
