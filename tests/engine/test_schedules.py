import math

import pytest
import torch
from torch import nn

from mmalm.engine.schedules import WarmupCosine, WarmupLinear, warmup_cosine
from mmalm.errors import ConfigError


def make(total=8, lrs=(0.1, 0.01), **arguments):
    groups = [{'params': [nn.Parameter(torch.zeros(1))], 'lr': lr} for lr in lrs]
    optimizer = torch.optim.AdamW(groups)
    return optimizer, lambda: WarmupCosine(optimizer, total_steps=total, **arguments)


def test_every_rate_of_a_short_run_by_hand():
    optimizer, build = make(warmup=2, start=0.5, lrs=(0.1,))
    schedule, rates = build(), []
    for _ in range(8):
        rates.append(optimizer.param_groups[0]['lr'])
        schedule.step()
    # 0.5 and 0.75 of 0.1, then (1 + cos(i * 30 degrees)) / 2 of 0.1
    half3 = math.sqrt(3) / 2
    expected = [0.05, 0.075, 0.1, 0.05 * (1 + half3), 0.075, 0.05, 0.025, 0.05 * (1 - half3)]
    assert rates == pytest.approx(expected, abs=1e-12)


def test_a_straight_line_by_hand():
    optimizer, _ = make(lrs=(0.1,))
    schedule, rates = WarmupLinear(optimizer, total_steps=6, warmup=2, start=0.5, end=0.2), []
    for _ in range(7):
        rates.append(optimizer.param_groups[0]['lr'])
        schedule.step()
    assert rates == pytest.approx([0.05, 0.075, 0.1, 0.08, 0.06, 0.04, 0.02], abs=1e-12)


def test_the_end_factor_and_beyond_the_end():
    assert warmup_cosine(8, total=8, warmup=2, end=0.1) == pytest.approx(0.1)
    assert warmup_cosine(5, total=8, warmup=2, end=0.1) == pytest.approx(0.55)
    assert warmup_cosine(20, total=8, warmup=2, end=0.1) == pytest.approx(0.1)


def test_a_group_that_opts_out_keeps_its_rate():
    optimizer, build = make(warmup=2)
    optimizer.param_groups[1]['schedule'] = False
    schedule = build()
    for _ in range(5):
        assert optimizer.param_groups[1]['lr'] == 0.01
        schedule.step()
    assert optimizer.param_groups[0]['lr'] == pytest.approx(0.05)


def test_each_group_scales_its_own_rate():
    optimizer, build = make(warmup=0)
    schedule = build()
    for _ in range(4):
        schedule.step()
    assert [g['lr'] for g in optimizer.param_groups] == pytest.approx([0.05, 0.005])


def test_warmup_as_a_part_of_the_run():
    assert make(total=200, warmup=0.1)[1]().warmup == 20


def test_the_first_step_is_never_at_rate_zero():
    optimizer, build = make(warmup=4)
    build()
    assert optimizer.param_groups[0]['lr'] == pytest.approx(0.001)


@pytest.mark.parametrize('warmup', [8, 9, -1, 2.5])
def test_a_warmup_that_does_not_fit(warmup):
    with pytest.raises(ConfigError, match='does not fit a run of 8 steps'):
        make(warmup=warmup)[1]()


def test_state_restores_the_rates():
    optimizer, build = make(warmup=2)
    schedule = build()
    for _ in range(3):
        schedule.step()
    other, build_other = make(warmup=2)
    build_other().load_state_dict(schedule.state_dict())
    assert [g['lr'] for g in other.param_groups] == [g['lr'] for g in optimizer.param_groups]


@pytest.mark.parametrize(('warmup', 'dry'), [(400, 1), (0, 0), (0.05, 0.05)])
def test_a_dry_run_warms_up_for_one_step(warmup, dry, tmp_path):
    assert WarmupCosine.shrink({'warmup': warmup, 'end': 0.1}, tmp_path) == {'warmup': dry, 'end': 0.1}
    assert WarmupCosine.shrink({}, tmp_path).get('warmup', 0) == 0
