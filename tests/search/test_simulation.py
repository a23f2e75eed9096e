import numpy as np
import pytest

from mmalm.search.bandit import gradient, kab
from mmalm.search.simulation import Setting, simulate, simulate_all, simulate_halving, simulate_mean


def test_arms_around_the_best_are_nearly_as_good():
    rewards = Setting(arms=12, steps=1, draws=5, gap=2.0).rewards(np.array([4, 0]))
    assert rewards[0] == pytest.approx([0, 0, 2 / 3, 4 / 3, 2, 4 / 3, 2 / 3, 0, 0, 0, 0, 0])
    assert rewards[1, :4] == pytest.approx([2, 4 / 3, 2 / 3, 0])


@pytest.mark.parametrize(
    ('rule', 'rate', 'arms', 'steps', 'draws', 'gap', 'found', 'sharpness'),
    [
        # found and sharpness from an independent run of 200 repetitions
        (kab, 0.005, 12, 2068, 5, 0.5, 0.99, 0.093),
        (kab, 0.005, 12, 2068, 5, 2.0, 1.00, 0.153),
        (kab, 10.0, 32, 795, 10, 0.5, 0.19, 0.995),
        (kab, 10.0, 32, 795, 10, 2.0, 0.28, 0.998),
        (gradient, 0.1, 32, 795, 10, 2.0, 0.94, 0.97),
    ],
)
def test_rules_on_stationary_arms(rule, rate, arms, steps, draws, gap, found, sharpness):
    outcome = simulate(rule, rate, Setting(arms, steps, draws, gap))
    assert outcome.found == pytest.approx(found, abs=3 * (found * (1 - found) / 100) ** 0.5 + 0.015)
    assert outcome.sharpness == pytest.approx(sharpness, abs=0.02)


def test_ranking_by_mean_reward():
    assert simulate_mean(Setting(32, 795, 10, 2.0)).found == pytest.approx(0.98, abs=0.035)


def test_scoring_every_arm_finds_what_draws_miss():
    setting = Setting(32, 795, 10, 0.5)
    every = simulate_all(0.1, setting, repetitions=100)
    assert every.found > simulate(gradient, 0.1, setting, repetitions=100).found


def test_halving_without_noise_finds_the_best_in_one_batch_a_round():
    setting = Setting(arms=12, steps=1, draws=5, gap=2.0, noise=0.0)
    assert simulate_halving(1, setting, repetitions=50).found == 1


def test_halving_takes_as_many_scores_as_the_draws_unless_told():
    # 12 + 6 + 3 + 2 arms a round: 23 scores for one batch in each
    setting = Setting(arms=12, steps=23 * 40, draws=5, gap=0.5)
    assert simulate_halving(None, setting, 50) == simulate_halving(200, setting, 50)
    assert simulate_halving(None, setting, 50).found > simulate_halving(2, setting, 50).found
