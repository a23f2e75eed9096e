import pytest
import torch
from engine_standins import StandInModel

from mmalm.engine.facade import Facade
from mmalm.engine.optim_constructor import TrainableGroups
from mmalm.errors import ConfigError, TrainingError

ADAMW = {'type': 'AdamW', 'lr': 0.1, 'weight_decay': 0.02}


def build(model=None, **settings):
    return TrainableGroups({'optimizer': ADAMW, **settings})(Facade(model or StandInModel()))


def test_only_trainable_parameters_enter_the_optimizer():
    model = StandInModel()
    (group,) = build(model).optimizer.param_groups
    trainable = [model.connector[0].weight, model.connector[0].bias, model.soft_prompt.weight]
    assert [id(p) for p in group['params']] == [id(p) for p in trainable]
    assert (group['lr'], group['weight_decay']) == (0.1, 0.02)


def test_groups_have_their_own_rate_and_decay():
    model = StandInModel()
    groups = [
        {'patterns': ['soft_prompt.*'], 'lr': 1e-5, 'schedule': False},
        {'patterns': ['*.bias'], 'weight_decay': 0.0},
    ]
    default, prompt, bias = build(model, groups=groups).optimizer.param_groups
    assert [id(p) for p in default['params']] == [id(model.connector[0].weight)]
    assert (default['lr'], default['weight_decay'], default['schedule']) == (0.1, 0.02, True)
    assert [id(p) for p in prompt['params']] == [id(model.soft_prompt.weight)]
    assert (prompt['lr'], prompt['weight_decay'], prompt['schedule']) == (1e-5, 0.02, False)
    assert [id(p) for p in bias['params']] == [id(model.connector[0].bias)]
    assert (bias['lr'], bias['weight_decay']) == (0.1, 0.0)


def test_a_group_at_a_multiple_of_the_common_rate():
    groups = [{'patterns': ['soft_prompt.*'], 'lr_mult': 10}]
    _, prompt = build(groups=groups).optimizer.param_groups
    assert prompt['lr'] == 1.0 and 'lr_mult' not in prompt
    _, prompt = build(groups=groups, optimizer={'type': 'AdamW'}).optimizer.param_groups
    assert prompt['lr'] == 10 * 1e-3  # AdamW's own


def test_a_plain_module_will_do():
    wrapper = TrainableGroups({'optimizer': ADAMW, 'clip_norm': 2.0})(torch.nn.Linear(2, 2))
    assert wrapper.clip_norm == 2.0
    assert wrapper.get_lr() == {'lr': [0.1]}


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        ({'groups': [{'patterns': ['soft_promt.*']}]}, "'soft_promt.*' matches no trainable parameter"),
        ({'groups': [{'patterns': ['encoder.*']}]}, 'matches no trainable parameter'),
        ({'groups': [{'patterns': ['soft_prompt.*'], 'learning_rate': 1}]}, "unknown key 'learning_rate'"),
        ({'groups': [{'patterns': 'soft_prompt.*'}]}, 'must be a list'),
        ({'groups': [{'patterns': ['soft_prompt.*'], 'lr': 1, 'lr_mult': 2}]}, 'give one of the two'),
        ({'groups': [{'patterns': ['*']}, {'patterns': ['soft_prompt.*']}]}, 'belongs to earlier groups'),
        ({'optimizer': {'type': 'AdamV', 'lr': 1}}, "'AdamV' is not in the registry 'optimizer'. Did you mean 'Adam"),
        ({'optimizer': {'type': 'AdamW', 'lrr': 1}}, "unexpected keyword argument 'lrr'"),
        ({'clip': 1.0}, "unknown argument 'clip'. Did you mean 'clip_norm'"),
    ],
)
def test_mistakes(settings, message):
    with pytest.raises(ConfigError, match=message.replace('.*', r'\.\*')):
        build(**settings)


def test_nothing_trains():
    with pytest.raises(TrainingError, match='Nothing trains'):
        build(torch.nn.Linear(2, 2).requires_grad_(False))
