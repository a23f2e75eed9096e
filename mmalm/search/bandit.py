"""Update rules for preferences over arms: KAB-APP's (arXiv 2306.00409, as released) and the gradient bandit's.

The policy is the softmax of the preferences (Sutton and Barto, Reinforcement Learning, 2nd edition, section 2.8).

Legend: k arms, N draws in one update; ``...`` any leading dimensions, updated side by side.
"""

import numpy as np

from ..errors import ConfigError

Array = np.ndarray


def policy(preferences: Array) -> Array:
    """Probabilities ``[..., k]`` of preferences ``[..., k]``."""
    weights = np.exp(preferences - preferences.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True)


def kab(preferences: Array, arms: Array, rewards: Array, rate: float) -> Array:
    """KAB-APP's rule as released: each drawn arm moves by ``rate (r - mean r) p (1 - p)``, p its probability before the update.

    ``p (1 - p)`` is the derivative of p where a policy gradient has that of log p, and arms that were not drawn stay where they
    are. In expectation an arm moves by ``rate (N - 1) p^2 (1 - p) (q - mean q)``: uphill, and slower the less likely the arm.

    Args:
        preferences: ``[..., k]``.
        arms: ``[..., N]``, drawn from the policy; an arm may come more than once.
        rewards: ``[..., N]``, of the arms; the released rate of 0.005 is for percent.
        rate: the step size.

    Returns:
        new preferences ``[..., k]``.
    """
    probability = policy(preferences)
    advantages = rewards - rewards.mean(-1, keepdims=True)
    moved = (advantages[..., None] * _drawn(arms, preferences)).sum(-2)
    return preferences + rate * moved * probability * (1 - probability)


def gradient(preferences: Array, arms: Array, rewards: Array, rate: float) -> Array:
    """The gradient bandit, each draw held against the mean of the others: an unbiased step up the expected reward.

    In expectation an arm moves by ``rate p (q - mean q)``, the mean under the policy.

    Args:
        preferences: ``[..., k]``.
        arms: ``[..., N]``, drawn from the policy, two at least; an arm may come more than once.
        rewards: ``[..., N]``, of the arms.
        rate: the step size.

    Returns:
        new preferences ``[..., k]``.

    Raises:
        ConfigError: a single draw, which has no others.
    """
    draws = arms.shape[-1]
    if draws < 2:
        raise ConfigError(
            f'a gradient bandit needs 2 draws or more, each to be held against the others; found {draws}.'
        )
    others = (rewards.sum(-1, keepdims=True) - rewards) / (draws - 1)
    score = _drawn(arms, preferences) - policy(preferences)[..., None, :]
    return preferences + rate * ((rewards - others)[..., None] * score).mean(-2)


def exact_gradient(preferences: Array, rewards: Array, rate: float) -> Array:
    """The same step without the noise of drawing, where all arms were scored: an arm moves by ``rate p (r - mean r)``.

    Args:
        preferences, rewards: ``[..., k]``.
        rate: the step size.

    Returns:
        new preferences ``[..., k]``.
    """
    probability = policy(preferences)
    expected = (probability * rewards).sum(-1, keepdims=True)
    return preferences + rate * probability * (rewards - expected)


def _drawn(arms: Array, preferences: Array) -> Array:
    """``[..., N, k]``: which arm each draw was."""
    return arms[..., None] == np.arange(preferences.shape[-1])
