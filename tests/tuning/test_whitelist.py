import pytest
import torch
from torch import nn

from mmalm.errors import ConfigError, TrainingError
from mmalm.tuning.whitelist import Whitelisted, trained_state


class Tiny(Whitelisted, nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Dropout(0.5))  # 20 + 8
        self.connector = nn.Sequential(nn.Linear(4, 3), nn.Dropout(0.5), nn.BatchNorm1d(3))  # 15 + 6
        self.lm = nn.ModuleDict(
            {'layer': nn.Linear(3, 3), 'adapter': nn.Linear(3, 1), 'drop': nn.Dropout(0.5)}
        )  # 12 + 4


def test_only_the_named_parameters_train():
    model = Tiny()
    table = model.set_trainable(['connector.*', 'lm.adapter.*'])
    assert {n for n, p in model.named_parameters() if p.requires_grad} == {
        'connector.0.weight',
        'connector.0.bias',
        'connector.2.weight',
        'connector.2.bias',
        'lm.adapter.weight',
        'lm.adapter.bias',
    }
    assert [(r.pattern, r.tensors, r.parameters) for r in table.rows] == [
        ('connector.*', 4, 21),
        ('lm.adapter.*', 2, 4),
    ]
    assert (table.trainable, table.total) == (25, 65)
    assert model.trainable_table is table


def test_a_second_whitelist_replaces_the_first():
    model = Tiny()
    model.set_trainable(['connector.*'])
    model.set_trainable(['lm.adapter.bias'])
    assert [n for n, p in model.named_parameters() if p.requires_grad] == ['lm.adapter.bias']


def test_frozen_modules_stay_in_eval_mode():
    model = Tiny()
    model.set_trainable(['connector.*', 'lm.adapter.*'])
    model.train()
    in_train = {name for name, m in model.named_modules() if m.training}
    assert in_train == {'', 'connector', 'connector.0', 'connector.1', 'connector.2', 'lm.adapter'}
    model.eval()
    assert not any(m.training for m in model.modules())


def test_frozen_batch_statistics_and_dropout_are_inactive():
    model = Tiny()
    model.set_trainable(['connector.*'])
    model.train()
    x = torch.randn(8, 4)
    before = model.encoder[1].running_mean.clone()
    assert torch.equal(model.encoder(x), model.encoder(x))
    assert torch.equal(model.encoder[1].running_mean, before)
    assert not torch.equal(model.connector(x), model.connector(x))


def test_live_modules_train_with_all_below_them():
    model = Tiny()
    model.set_trainable(['connector.*'], live=['lm'])
    model.train()
    assert model.lm['drop'].training and model.lm['layer'].training
    assert not model.encoder[2].training


def test_a_partly_trained_module_keeps_its_dropout_inactive():
    model = Tiny()
    model.set_trainable(['connector.0.*'])
    model.train()
    assert model.connector[0].training
    assert not model.connector.training and not model.connector[1].training


def test_patterns_that_overlap_count_once():
    table = Tiny().set_trainable(['connector.0.*', 'connector.*'])
    assert [r.parameters for r in table.rows] == [15, 6]


def test_a_shared_parameter_answers_to_each_name_and_counts_once():
    model = Tiny()
    model.lm['head'] = nn.Linear(3, 3, bias=False)
    model.lm['head'].weight = model.lm['layer'].weight
    table = model.set_trainable(['lm.head.*'])
    assert model.lm['layer'].weight.requires_grad
    assert (table.trainable, table.total) == (9, 65)


def test_a_pattern_that_matches_nothing():
    with pytest.raises(ConfigError, match=r"'conector\.\*' matches no parameter.*'connector\.\*'"):
        Tiny().set_trainable(['conector.*'])
    with pytest.raises(ConfigError, match="'lmm' matches no module.*'lm'"):
        Tiny().set_trainable(['connector.*'], live=['lmm'])


def test_a_bare_string_is_not_taken_for_a_list_of_letters():
    with pytest.raises(ConfigError, match='lists of patterns'):
        Tiny().set_trainable('connector.*')


@pytest.mark.parametrize('expect', [21, '21', '20..22', '1_0..1_00', '32%..33%', '21..33%'])
def test_expected_totals_pass(expect):
    Tiny().set_trainable(['connector.*'], expect=expect)  # 21 of 65: 32.3 %


@pytest.mark.parametrize('expect', [20, '22..30', '0.5%..1%', '33%..40%'])
def test_other_totals_stop(expect):
    with pytest.raises(TrainingError, match='but 21 train'):
        Tiny().set_trainable(['connector.*'], expect=expect)


@pytest.mark.parametrize('expect', ['many', '1..2..3', '-5', True])
def test_an_expectation_that_cannot_be_read(expect):
    with pytest.raises(ConfigError, match='cannot be read'):
        Tiny().set_trainable(['connector.*'], expect=expect)


def test_the_text_has_thousands_separators_and_percentages():
    model = Tiny()
    model.big = nn.Linear(1000, 1000, bias=False)
    text = model.set_trainable(['connector.*', 'big.*']).text()
    assert text.splitlines()[-2:] == [
        'total trainable        5   1,000,021   99.9956',
        'whole model                1,000,065  100.0000',
    ]


def test_the_trained_state_holds_parameters_and_buffers_of_trained_modules():
    model = Tiny()
    model.set_trainable(['connector.*', 'lm.adapter.bias'])
    assert set(trained_state(model)) == {
        'connector.0.weight',
        'connector.0.bias',
        'connector.2.weight',
        'connector.2.bias',
        'connector.2.running_mean',
        'connector.2.running_var',
        'connector.2.num_batches_tracked',
        'lm.adapter.bias',
    }
