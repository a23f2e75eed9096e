"""Searchers that keep preferences over the arms and move them by what is scored."""

from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt

from ..registry import SEARCHERS
from .bandit import exact_gradient, gradient, kab, policy
from .searcher import Searcher


class PreferenceSearcher(Searcher):
    """A policy over the arms, the softmax of preferences that begin at 0."""

    def __init__(self, arms: int, seed: int):
        super().__init__(arms, seed)
        self.preferences = np.zeros(arms)

    @property
    def probabilities(self) -> np.ndarray:
        return policy(self.preferences)

    def state(self) -> dict[str, Any]:
        return {**super().state(), 'preferences': self.preferences.tolist()}

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.preferences = np.array(state['preferences'])

    def draw(self, draws: int) -> list[int]:
        """So many arms from the policy, with replacement."""
        return self.generator.choice(self.arms, size=draws, p=self.probabilities).tolist()


@SEARCHERS.register_module()
class KabApp(PreferenceSearcher):
    """KAB-APP as released with DVP (arXiv 2306.00409): a few arms drawn from the policy, moved by :func:`~mmalm.search.bandit.kab`.

    For rewards in percent. ``rate=10, draws=10`` is the released ScienceQA search, whose reward is ``100 exp(-loss)``.

    Args:
        arms, seed: given by the search.
        rate: the step size.
        draws: N, two at least: rewards are held against their mean.
    """

    def __init__(self, arms: int, seed: int, rate: Annotated[float, Gt(0)] = 0.005, draws: Annotated[int, Ge(2)] = 5):
        super().__init__(arms, seed)
        self.rate, self.draws = rate, draws

    def to_score(self) -> list[int]:
        return self.draw(self.draws)

    def update(self, arms: np.ndarray, rewards: np.ndarray) -> None:
        self.preferences = kab(self.preferences, arms, rewards, self.rate)


@SEARCHERS.register_module()
class GradientBandit(PreferenceSearcher):
    """The gradient bandit, rewards in units of their own running spread within a batch.

    Args:
        arms, seed: given by the search.
        rate: the step size.
        draws: N, arms drawn from the policy for each batch, each held against the others; 'all' scores every arm on it, which
            leaves no noise of drawing.
        train: 'uniform', every arm trains alike; 'policy', what is preferred trains more.
    """

    def __init__(
        self,
        arms: int,
        seed: int,
        rate: Annotated[float, Gt(0)] = 0.1,
        draws: Annotated[int, Ge(2)] | Literal['all'] = 'all',
        train: Literal['uniform', 'policy'] = 'uniform',
    ):
        super().__init__(arms, seed)
        self.rate, self.draws, self.train = rate, draws, train
        self.batches, self.variance = 0, 0.0

    def to_score(self) -> list[int]:
        return list(range(self.arms)) if self.draws == 'all' else self.draw(self.draws)

    def to_train(self) -> int:
        return super().to_train() if self.train == 'uniform' else self.draw(1)[0]

    def update(self, arms: np.ndarray, rewards: np.ndarray) -> None:
        self.batches += 1
        self.variance += (rewards.var(ddof=1) - self.variance) / self.batches
        rewards = rewards / np.sqrt(self.variance) if self.variance else rewards
        if self.draws == 'all':
            self.preferences = exact_gradient(self.preferences, rewards, self.rate)
        else:
            self.preferences = gradient(self.preferences, arms, rewards, self.rate)

    def state(self) -> dict[str, Any]:
        return {**super().state(), 'batches': self.batches, 'variance': self.variance}

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.batches, self.variance = state['batches'], state['variance']
