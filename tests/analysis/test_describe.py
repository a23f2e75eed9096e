"""A config in words, without weights."""

import pytest
import torch
from engine_standins import standin_config
from mmengine.config import Config
from tiny import save_tiny_lm
from tiny_pictures import VIT

from mmalm.analysis.describe import describe
from mmalm.errors import ConfigError, TrainingError

SCHEDULE = """\
injection schedule: 2 sources, 6 layers (* given, o stays, x attended to)
layer    perceptual tokens
    0-1  -
      2  * insert 0
      3  * replace 0
      4  * replace 1
      5  * replace 1"""


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """A language model's folder without its weights: there is nothing to load."""
    folder = save_tiny_lm(tmp_path_factory.mktemp('lm'))
    (folder / 'model.safetensors').unlink()
    return folder


def config(folder, **changes):
    model = dict(
        type='AugmentedLM',
        encoder=dict(type='TransformersEncoder', config=VIT, levels=2),
        connector=dict(type='LinearConnector'),
        language_model=dict(type='CausalLM', model=str(folder)),
        schedule=dict(type='LayerwiseReplace', start=2),
        soft_prompt=dict(type='SoftPrompt', length=3),
        head=dict(type='GenerationHead'),
    )
    return Config(dict(model=model | changes, seed=7))


def test_config_table_and_schedule_in_this_order(folder):
    text = describe(config(folder, expect_trainable=672))
    resolved, table, schedule = text.split('\n\n')
    assert Config.fromstring(resolved, '.py')._cfg_dict == config(folder, expect_trainable=672)._cfg_dict
    rows = [line.split() for line in table.splitlines() if line[0] not in '-']
    # two projections of 8 -> 32 with bias, three tokens of 32
    assert rows[1][:3] == ['connector.*', '4', '576'] and rows[2][:3] == ['soft_prompt.*', '1', '96']
    assert rows[3][:4] == ['total', 'trainable', '5', '672']
    assert schedule == SCHEDULE


def test_nothing_is_left_behind_on_the_meta_device(folder):
    describe(config(folder))
    assert torch.empty(1).device.type == 'cpu'


def test_a_model_without_a_schedule(folder):
    text = describe(standin_config(model=dict(type='StandInModel')))
    assert 'connector.*' in text and 'injection schedule' not in text


def test_mistakes_show_before_anything_is_fetched(folder):
    with pytest.raises(TrainingError, match='expects 671 trainable parameters, but 672 train'):
        describe(config(folder, expect_trainable=671))
    with pytest.raises(ConfigError, match=r"config node 'model.schedule'.*6 layers"):
        describe(config(folder, schedule=dict(type='LayerwiseReplace', start=2, end=7)))
    with pytest.raises(ConfigError, match="the zoo holds no 'smollm2'"):
        describe(config(folder, language_model=dict(type='CausalLM', model='zoo:smollm2')))
