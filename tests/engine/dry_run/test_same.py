"""Two models are the same but for widths, or are told apart."""

import pytest
from engine_standins import StandInModel
from torch import nn

from mmalm.engine.dry_run.same import check_same
from mmalm.engine.dry_run.stages import DryRunError
from mmalm.injection import Injection
from mmalm.injection.injection import make_plan

CONFIG = {'model': {'type': 'StandInModel'}}


def compared(small, real_config=CONFIG, small_config=CONFIG, real=None):
    return check_same(real_config, small_config, real or StandInModel(width=9), small)


def test_widths_may_differ():
    found = compared(StandInModel(width=2))
    assert found['patterns'] == {'connector.*': 2, 'soft_prompt.*': 1}
    assert (found['modules'], found['parameters'], found['plan']) == (8, 5, None)
    assert found['components']['model'] == 'StandInModel'


def test_another_component():
    with pytest.raises(DryRunError, match='component model: StandInModel, in miniature AugmentedLM'):
        compared(StandInModel(), small_config={'model': {'type': 'AugmentedLM'}})


def test_another_module_and_parameter():
    other = StandInModel()
    other.connector[0] = nn.Bilinear(6, 6, 3)
    other.soft_prompt = None
    with pytest.raises(DryRunError) as caught:
        compared(other)
    assert 'module connector.0: Linear, in miniature Bilinear' in str(caught.value)
    assert 'parameter soft_prompt.weight: there, in miniature none' in str(caught.value)


def test_another_number_of_tensors_under_a_pattern():
    with pytest.raises(DryRunError, match=r'pattern connector.\*: 2, in miniature 1'):
        compared(StandInModel(trainable=['connector.0.bias', 'connector.*']))


def test_another_schedule():
    real, small = StandInModel(), StandInModel()
    real.plan = make_plan([Injection(1), Injection(2, op='replace')], 4, 1)
    small.plan = make_plan([Injection(1), Injection(3, op='replace')], 4, 1)
    with pytest.raises(DryRunError, match='the injection schedule'):
        compared(small, real=real)
    assert compared(real, real=real)['plan'] == real.plan.draw()


def test_many_differences_are_counted():
    other = StandInModel()
    other.more = nn.ModuleList(nn.Linear(1, 1) for _ in range(20))
    with pytest.raises(DryRunError, match='and 16 more of these'):
        compared(other)
