"""The batch that is counted."""

import pytest

from mmalm.analysis.workload import Workload, workload_of
from mmalm.errors import ConfigError

CONFIG = dict(train_dataloader=dict(batch_size=12))


def test_the_configs_batch_unless_told():
    assert workload_of(CONFIG) == Workload(12, 32, 4)
    assert workload_of(CONFIG, 6, 20, 5) == Workload(6, 20, 5)
    assert workload_of({}) == Workload(1, 32, 4)
    assert Workload(1, 20, 5).question_length == 15
    for cut, length in ((16, 16), (64, 32), (3, 5)):  # longer texts than a head reads are not counted
        assert workload_of({'model': {'head': {'max_tokens': cut}}}).text_length == length
    assert workload_of({'model': {'head': {'max_tokens': 16}}}, text_length=20).text_length == 20


def test_shared_among_devices():
    assert workload_of(CONFIG, devices=4).batch_size == 3


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(batch_size=0), 'batch size must be a whole number from 1 on, found 0'),
        (dict(text_length=-2), 'text length must be'),
        (dict(answer_length=0), 'answer length must be'),
        (dict(text_length=4), 'leaves no question'),
        (dict(devices=0), 'devices must be 1 or more'),
        (dict(devices=5), 'a batch of 12 does not divide into 5'),
    ],
)
def test_impossible(arguments, message):
    with pytest.raises(ConfigError, match=message):
        workload_of(CONFIG, **arguments)
