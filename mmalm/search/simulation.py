"""Update rules on made-up arms whose rewards do not change: how often each rule finds the best one.

Legend: R repetitions, k arms, N draws in one update.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .bandit import Array, exact_gradient, gradient, kab, policy
from .halving import SuccessiveHalving

Rule = Callable[[Array, Array, Array, float], Array]


@dataclass(frozen=True)
class Setting:
    """Arms around the best one are nearly as good as it, the others worse by ``gap``: a triangle k / 2 arms wide.

    Attributes:
        arms: k.
        steps: updates.
        draws: N.
        gap: between the best arm and those outside the triangle, in points.
        noise: standard deviation of each reward, in points.
        shared: standard deviation of what all rewards of a batch have in common.
    """

    arms: int
    steps: int
    draws: int
    gap: float
    noise: float = 1.0
    shared: float = 3.0

    def rewards(self, best: Array) -> Array:
        """``[R, k]`` expected rewards, for best arms ``[R]``."""
        away = np.abs(np.arange(self.arms) - best[:, None])
        return self.gap * np.maximum(0, 1 - away / (self.arms / 4))


@dataclass(frozen=True)
class Outcome:
    """What became of a rule.

    Attributes:
        found: share of the repetitions in which the best arm is the most preferred.
        sharpness: the policy's largest probability at the end, in the mean.
    """

    found: float
    sharpness: float


def simulate(rule: Rule, rate: float, setting: Setting, repetitions: int = 200, seed: int = 0) -> Outcome:
    """Run a rule that draws arms from its own policy; the best arm is another one in every repetition."""
    generator = np.random.default_rng(seed)
    best = generator.integers(setting.arms, size=repetitions)
    expected = setting.rewards(best)
    preferences = np.zeros((repetitions, setting.arms))
    for _ in range(setting.steps):
        arms = _draw(policy(preferences), setting.draws, generator)
        preferences = rule(preferences, arms, _reward(expected, arms, setting, generator), rate)
    return _outcome(preferences, best, float(policy(preferences).max(-1).mean()))


def simulate_all(rate: float, setting: Setting, repetitions: int = 200, seed: int = 0) -> Outcome:
    """Every arm is scored in every update, and moved by :func:`~.bandit.exact_gradient`."""
    generator = np.random.default_rng(seed)
    best = generator.integers(setting.arms, size=repetitions)
    expected = setting.rewards(best)
    preferences, every = np.zeros(expected.shape), np.tile(np.arange(setting.arms), (repetitions, 1))
    for _ in range(setting.steps):
        preferences = exact_gradient(preferences, _reward(expected, every, setting, generator), rate)
    return _outcome(preferences, best, float(policy(preferences).max(-1).mean()))


def simulate_mean(setting: Setting, repetitions: int = 200, seed: int = 0) -> Outcome:
    """No policy: arms are drawn alike, and ranked by their mean reward less that of its batch."""
    generator = np.random.default_rng(seed)
    best = generator.integers(setting.arms, size=repetitions)
    expected = setting.rewards(best)
    sums, counts = np.zeros((2, repetitions, setting.arms))
    even = np.full((repetitions, setting.arms), 1 / setting.arms)
    for _ in range(setting.steps):
        arms = _draw(even, setting.draws, generator)
        rewards = _reward(expected, arms, setting, generator)
        chosen = arms[..., None] == np.arange(setting.arms)
        sums += ((rewards - rewards.mean(-1, keepdims=True))[..., None] * chosen).sum(1)
        counts += chosen.sum(1)
    return _outcome(sums / np.maximum(counts, 1), best, 1 / setting.arms)


def simulate_halving(batches: int | None, setting: Setting, repetitions: int = 200, seed: int = 0) -> Outcome:
    """Successive halving, with so many batches a round; None: as many as the setting's scores, draws times steps, pay for."""
    batches = batches or setting.steps * setting.draws // sum(_halves(setting.arms))
    generator = np.random.default_rng(seed)
    best = generator.integers(setting.arms, size=repetitions)
    expected, found = setting.rewards(best), []
    for own in expected:
        searcher = SuccessiveHalving(setting.arms, seed, batches)
        while not searcher.finished:
            arms = np.array([searcher.to_score()])
            searcher.update(arms[0], _reward(own[None], arms, setting, generator)[0])
        found.append(searcher.best)
    return Outcome(float((np.array(found) == best).mean()), 1.0)


def _halves(arms: int) -> list[int]:
    """How many arms are left in each round of halving: 12, 6, 3, 2."""
    searcher, left = SuccessiveHalving(arms, 0, 1), []
    while not searcher.finished:
        left.append(len(searcher.left))
        searcher.update(np.array(searcher.left), np.zeros(len(searcher.left)))
    return left


def _draw(probabilities: Array, draws: int, generator: np.random.Generator) -> Array:
    below = generator.random((len(probabilities), draws, 1)) > probabilities.cumsum(-1)[:, None]
    return below.sum(-1).clip(max=probabilities.shape[-1] - 1)


def _reward(expected: Array, arms: Array, setting: Setting, generator: np.random.Generator) -> Array:
    common = generator.normal(size=(len(arms), 1)) * setting.shared
    return np.take_along_axis(expected, arms, -1) + generator.normal(size=arms.shape) * setting.noise + common


def _outcome(scores: Array, best: Array, sharpness: float) -> Outcome:
    return Outcome(float((scores.argmax(-1) == best).mean()), sharpness)


# the released searches' lengths: DVP's classification tasks with BERT or T5 and with LLaMA, and ScienceQA
SETTINGS = {
    'k=12, 5,000 steps, N=5': dict(arms=12, steps=5000, draws=5),
    'k=12, 2,068 steps, N=5': dict(arms=12, steps=2068, draws=5),
    'k=32, 5,000 steps, N=10': dict(arms=32, steps=5000, draws=10),
    'k=32, 795 steps, N=10': dict(arms=32, steps=795, draws=10),
}
RATES = {'released': (kab, (0.005,)), 'sqa_released': (kab, (10.0,)), 'gradient': (gradient, (0.02, 0.1, 0.5))}
ALL_RATE = 0.1
HALVING = 20  # the searcher's default
