"""Searchers: what they score, what they learn, and that a resumed one decides as one that was not stopped."""

import json
from statistics import NormalDist

import numpy as np
import pytest

from mmalm.errors import ConfigError, TrainingError
from mmalm.registry import SEARCHERS
from mmalm.search.bandit import kab
from mmalm.search.tally import Tally

ALL = [
    {'type': 'KabApp'},
    {'type': 'KabApp', 'rate': 10.0, 'draws': 10},
    {'type': 'GradientBandit'},
    {'type': 'GradientBandit', 'draws': 4, 'train': 'policy'},
    {'type': 'SuccessiveHalving', 'batches': 5},
]
NAMES = ['kab', 'kab_sqa', 'gradient', 'gradient_draws', 'halving']


def build(config, arms=6, seed=0):
    return SEARCHERS.build(config, arms=arms, seed=seed)


def reward(arm, batch):
    """Arm 4 is the best; what a batch has in common changes."""
    return 60 - 3 * abs(arm - 4) + 5 * np.sin(batch) + np.cos(7 * arm + 3 * batch)


def search(searcher, batches, start=0):
    said = []
    for batch in range(start, start + batches):
        trained, scored = searcher.to_train(), searcher.to_score()
        searcher.learn(scored, [reward(arm, batch) for arm in scored])
        said.append((trained, scored, searcher.probabilities.round(12).tolist()))
    return said


@pytest.mark.parametrize('config', ALL, ids=NAMES)
def test_the_best_arm_is_found(config):
    searcher = build(config)
    search(searcher, 400)
    assert searcher.best == 4
    assert searcher.probabilities.sum() == pytest.approx(1)
    assert searcher.tally.counts.sum() > 0
    if config.get('rate') != 10.0:  # which settles on an arm before it has seen much of the others
        assert searcher.tally.confidence(4) > 0.99 and searcher.tally.ahead(4).argmax() == 4


@pytest.mark.parametrize('config', ALL, ids=NAMES)
def test_a_resumed_search_goes_on_as_if_it_had_not_been_stopped(config):
    whole = build(config)
    expected = search(whole, 30)
    first, second = build(config), build(config, seed=5)
    begun = search(first, 13)
    second.load_state(json.loads(json.dumps(first.state())))
    assert begun + search(second, 17, start=13) == expected
    assert second.tally.state() == whole.tally.state()


@pytest.mark.parametrize('config', ALL, ids=NAMES)
@pytest.mark.parametrize('wrong', [float('nan'), float('inf')])
def test_a_reward_that_is_not_finite_teaches_nothing(config, wrong):
    searcher = build(config)
    search(searcher, 3)
    scored = searcher.to_score()
    before = searcher.state()
    with pytest.raises(TrainingError, match=f'not finite .arm {scored[1]}: {wrong}'):
        searcher.learn(scored, [50.0, wrong, *[50.0] * (len(scored) - 2)])
    assert searcher.state() == before


def test_kab_app_is_its_rule():
    searcher = build({'type': 'KabApp'})
    scored = searcher.to_score()
    assert len(scored) == 5
    rewards = [reward(arm, 0) for arm in scored]
    searcher.learn(scored, rewards)
    assert searcher.preferences == pytest.approx(kab(np.zeros(6), np.array(scored), np.array(rewards), 0.005))


def test_the_gradient_bandit_knows_no_unit_of_rewards():
    percent, shares = build({'type': 'GradientBandit'}), build({'type': 'GradientBandit'})
    for batch in range(5):
        scored = percent.to_score()
        assert scored == list(range(6)) == shares.to_score()
        percent.learn(scored, [reward(arm, batch) for arm in scored])
        shares.learn(scored, [reward(arm, batch) / 100 for arm in scored])
    assert percent.probabilities == pytest.approx(shares.probabilities)
    assert percent.probabilities[4] > 1 / 6


def test_equal_rewards_leave_the_gradient_bandit_where_it_is():
    searcher = build({'type': 'GradientBandit'})
    searcher.learn(searcher.to_score(), [50.0] * 6)
    assert searcher.probabilities == pytest.approx([1 / 6] * 6)


def test_what_is_preferred_trains_more_if_told():
    searcher = build({'type': 'GradientBandit', 'train': 'policy'})
    searcher.preferences = np.array([0, 0, 0, 0, 5.0, 0])
    trained = [searcher.to_train() for _ in range(200)]
    assert trained.count(4) > 180


def test_halving_gives_up_the_worse_half_of_each_round():
    searcher = build({'type': 'SuccessiveHalving', 'batches': 2})
    search(searcher, 1)
    assert searcher.to_score() == [0, 1, 2, 3, 4, 5]
    search(searcher, 1, start=1)
    assert searcher.to_score() == [3, 4, 5] and not searcher.finished
    search(searcher, 2)
    assert searcher.to_score() == [3, 4] or searcher.to_score() == [4, 5]
    search(searcher, 2)
    assert searcher.finished and searcher.to_score() == [4] and searcher.to_train() == 4
    search(searcher, 5)
    assert searcher.best == 4 and searcher.probabilities[4] == 1


def test_halving_ranks_those_that_are_left():
    searcher = build({'type': 'SuccessiveHalving', 'batches': 1}, arms=4)
    assert searcher.best == 0 and searcher.probabilities == pytest.approx([0.25] * 4)
    searcher.learn([0, 1, 2, 3], [50.0, 52.0, 40.0, 40.0])
    # a round has just ended: what was best in it is, though it stands before the other
    assert searcher.to_score() == [0, 1] and searcher.best == 1
    assert searcher.probabilities == pytest.approx([1 / 3, 2 / 3, 0, 0])
    # equals share, and the first of them is named
    ranked = build({'type': 'SuccessiveHalving', 'batches': 9}, arms=4)
    ranked.learn([0, 1, 2, 3], [40.0, 50.0, 50.0, 30.0])
    assert ranked.best == 1 and ranked.probabilities[1] == ranked.probabilities[2] > ranked.probabilities[0] > 0


def test_fewer_than_two_arms():
    with pytest.raises(ConfigError, match='2 arms or more'):
        build({'type': 'KabApp'}, arms=1)
    with pytest.raises(ConfigError, match='keep'):
        build({'type': 'SuccessiveHalving', 'keep': 1.0})


def test_tally_by_hand():
    tally = Tally(3)
    tally.add(np.array([0, 1]), np.array([10.0, 20.0]))
    # arm 2 stands twice and was scored once
    tally.add(np.array([2, 1, 2]), np.array([4.0, 6.0, 4.0]))
    tally.add(np.array([0, 1]), np.array([10.0, 14.0]))
    assert tally.counts.tolist() == [2, 3, 1] and tally.last.tolist() == [10, 14, 4]
    assert tally.ahead(1) == pytest.approx([-7, 0, -2])
    assert np.isnan(tally.ahead(0)[2])
    # 10 and 4 ahead of arm 0: mean 7, standard error 3; of arm 2 only once, which tells no spread
    assert tally.confidence(1) == 0.5
    tally.add(np.array([1, 2]), np.array([5.0, 3.0]))
    assert tally.confidence(1) == pytest.approx(NormalDist().cdf(7 / 3))
    assert tally.confidence(0) == pytest.approx(NormalDist().cdf(-7 / 3))
    tally.add(np.array([1, 2]), np.array([5.0, 5.0]))
    assert tally.confidence(2) == pytest.approx(NormalDist().cdf(-2.0))
