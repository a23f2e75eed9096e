"""Update rules: by hand, and their expectation by Monte Carlo against the formulas."""

import numpy as np
import pytest

from mmalm.errors import ConfigError
from mmalm.search.bandit import exact_gradient, gradient, kab, policy

PREFERENCES = np.array([0.3, -0.2, 0.0, 0.5])
EXPECTED = np.array([50.0, 52.0, 47.0, 51.0])


def test_policy():
    assert policy(np.log([1.0, 2.0, 5.0])) == pytest.approx([1 / 8, 2 / 8, 5 / 8])
    assert policy(np.array([[1000.0, 1000.0], [0.0, -1000.0]])).tolist() == [[0.5, 0.5], [1.0, 0.0]]


def test_kab_by_hand():
    # at the start p = 1/4, p (1 - p) = 3/16; the mean of 60, 50, 40 is 50; arm 1 was drawn twice
    moved = kab(np.zeros(4), np.array([1, 3, 1]), np.array([60.0, 50.0, 40.0]), 0.005)
    assert moved.tolist() == [0, 0, 0, 0]
    moved = kab(np.zeros(4), np.array([1, 3, 2]), np.array([60.0, 50.0, 40.0]), 0.005)
    assert moved == pytest.approx([0, 0.005 * 10 * 3 / 16, -0.005 * 10 * 3 / 16, 0])


def test_the_gradient_bandit_by_hand():
    # draws 60 and 40: each against the other is +20 and -20; at p = 1/2 the score of arm 0 is (1/2, -1/2), of arm 1 the reverse
    moved = gradient(np.zeros(2), np.array([0, 1]), np.array([60.0, 40.0]), 0.1)
    assert moved == pytest.approx([0.1 * (20 * 0.5 + 20 * 0.5) / 2, -0.1 * (20 * 0.5 + 20 * 0.5) / 2])
    assert exact_gradient(np.zeros(2), np.array([60.0, 40.0]), 0.1) == pytest.approx([0.1 * 0.5 * 10, -0.1 * 0.5 * 10])


def monte_carlo(rule, draws, repetitions=400_000):
    """Mean move of each arm under the rule at a rate of 1, and its standard error."""
    generator = np.random.default_rng(0)
    p = policy(PREFERENCES)
    arms = generator.choice(4, size=(repetitions, draws), p=p)
    rewards = EXPECTED[arms] + generator.normal(size=arms.shape) + 3 * generator.normal(size=(repetitions, 1))
    moves = rule(np.tile(PREFERENCES, (repetitions, 1)), arms, rewards, 1.0) - PREFERENCES
    return moves.mean(0), moves.std(0) / repetitions**0.5


@pytest.mark.parametrize('draws', [2, 5])
def test_kab_in_expectation(draws):
    p = policy(PREFERENCES)
    mean, error = monte_carlo(kab, draws)
    formula = (draws - 1) * p**2 * (1 - p) * (EXPECTED - p @ EXPECTED)
    assert (np.abs(mean - formula) < 4 * error).all() and (error < 0.02).all()
    assert (np.abs(formula) > 3 * error).sum() >= 3


@pytest.mark.parametrize('draws', [2, 5])
def test_the_gradient_bandit_in_expectation_is_the_gradient_of_the_expected_reward(draws):
    p = policy(PREFERENCES)
    mean, error = monte_carlo(gradient, draws)
    formula = p * (EXPECTED - p @ EXPECTED)
    assert (np.abs(mean - formula) < 4 * error).all() and (error < 0.02).all()
    assert exact_gradient(PREFERENCES, EXPECTED, 1.0) - PREFERENCES == pytest.approx(formula)
    step = 1e-6
    numeric = [(policy(PREFERENCES + step * axis) - p) @ EXPECTED / step for axis in np.eye(4)]
    assert formula == pytest.approx(numeric, abs=1e-4)


@pytest.mark.parametrize('rule', [kab, gradient])
def test_a_constant_added_to_all_rewards_of_a_batch_changes_nothing(rule):
    arms, rewards = np.array([0, 2, 2, 3]), np.array([1.0, 5.0, 2.0, 3.0])
    assert rule(PREFERENCES, arms, rewards, 0.1) == pytest.approx(rule(PREFERENCES, arms, rewards + 70, 0.1))


@pytest.mark.parametrize('rule', [kab, gradient])
def test_several_at_once_are_each_alone(rule):
    generator = np.random.default_rng(1)
    preferences, arms = generator.normal(size=(3, 4)), generator.integers(4, size=(3, 5))
    rewards = generator.normal(size=(3, 5))
    together = rule(preferences, arms, rewards, 0.1)
    for i in range(3):
        assert rule(preferences[i], arms[i], rewards[i], 0.1) == pytest.approx(together[i])


def test_one_draw_has_no_others():
    with pytest.raises(ConfigError, match='2 draws or more'):
        gradient(np.zeros(3), np.array([1]), np.array([5.0]), 0.1)
