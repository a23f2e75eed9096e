"""Which number formats go together: of the frozen weights and of the forward pass."""

import pytest
import torch
from engine_standins import StandInModel
from tiny_pictures import VIT
from torch import nn

from mmalm.encoders import TransformersEncoder
from mmalm.engine.facade import Facade
from mmalm.engine.optim_constructor import build_optim_wrapper
from mmalm.engine.precision import autocast, check_precision
from mmalm.errors import ConfigError


def model(lm='float32', encoder='float32'):
    """Something with a frozen language model and encoder, and a connector that trains."""
    parts = nn.Module()
    parts.language_model = nn.Linear(2, 2).to(getattr(torch, lm)).requires_grad_(False)
    parts.encoder = TransformersEncoder(config=VIT, levels=1, dtype=encoder)
    parts.connector = nn.Linear(2, 2)
    return parts


@pytest.mark.parametrize(
    ('precision', 'lm', 'encoder'),
    [
        ('fp32', 'float32', 'float32'),
        ('bf16', 'float32', 'float32'),
        ('bf16', 'bfloat16', 'float32'),
        ('bf16', 'bfloat16', 'bfloat16'),
        ('fp16', 'float16', 'float32'),
        ('fp32', 'bfloat16', 'float16'),  # no gradient passes through an encoder that does not train
    ],
)
def test_what_goes_together(precision, lm, encoder):
    check_precision(model(lm, encoder), precision, training=True)


@pytest.mark.parametrize(('precision', 'held'), [('bf16', 'float16'), ('fp16', 'bfloat16')])
@pytest.mark.parametrize('part', ['lm', 'encoder'])
def test_one_16_bit_format_under_autocast_of_the_other_is_refused(precision, held, part):
    name = 'language_model' if part == 'lm' else 'encoder'
    own = {'float16': 'fp16', 'bfloat16': 'bf16'}[held]
    with pytest.raises(ConfigError, match=f"(?s)weights of {name} are held in {held}. Set precision='{own}'"):
        check_precision(model(**{part: held}), precision)


def test_gradients_never_pass_through_float16_unscaled():
    check_precision(model('float16'), 'fp32')  # for scoring there are none
    with pytest.raises(ConfigError, match='vanish without loss scaling'):
        check_precision(model('float16'), 'fp32', training=True)


def test_training_and_scoring_ask():
    standin = StandInModel()
    standin.language_model = nn.Linear(1, 1).half().requires_grad_(False)
    with pytest.raises(ConfigError, match="precision='bf16' computes in bfloat16"):
        Facade(standin, 'bf16')
    with pytest.raises(ConfigError, match='loss scaling'):
        build_optim_wrapper(Facade(standin), {'optimizer': {'type': 'SGD', 'lr': 0.1}}, 'fp32')


def test_autocast_says_what_it_knows():
    with pytest.raises(ConfigError, match="Did you mean 'bf16'"):
        autocast('bf61', 'cpu')
    with pytest.raises(ConfigError, match="needs a CUDA device, the model is on 'cpu'"):
        autocast('fp16', 'cpu')
    with autocast('bf16', 'cpu'):
        assert torch.ones(1, 1).mm(torch.ones(1, 1)).dtype == torch.bfloat16


def test_what_trains_in_a_halved_part_needs_a_halved_pass():
    parts = model('bfloat16')
    parts.language_model = nn.Sequential(nn.Linear(2, 2).to(torch.bfloat16).requires_grad_(False), nn.LayerNorm(2))
    check_precision(parts, 'bf16', training=True)
    with pytest.raises(ConfigError, match="held in bfloat16, but for those that train, 1.weight.*precision='bf16'"):
        check_precision(parts, 'fp32')
