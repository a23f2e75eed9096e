"""Successive halving: all arms are scored, and the worse part is given up, again and again."""

from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt, Lt

from ..errors import ConfigError
from ..registry import SEARCHERS
from .searcher import Searcher


@SEARCHERS.register_module()
class SuccessiveHalving(Searcher):
    """Every arm that is left is scored on every batch, and trains; after ``batches`` of them the worse ones are given up.

    Jamieson and Talwalkar, AISTATS 2016 (arXiv 1502.07943). Means are of the current round alone, since the arms have changed
    since the last. With more batches than a search scores it ranks all arms by their mean reward.

    Args:
        arms, seed: given by the search.
        batches: scored in a round.
        keep: the share of arms that goes on to the next round; one at least is given up.
    """

    def __init__(
        self,
        arms: int,
        seed: int,
        batches: Annotated[int, Ge(1)] = 20,
        keep: Annotated[float, Gt(0), Lt(1)] = 0.5,
    ):
        super().__init__(arms, seed)
        if not 0 < keep < 1:
            raise ConfigError(f'SuccessiveHalving: keep is a share between 0 and 1, found {keep}.')
        self.batches, self.keep = batches, keep
        self.left, self.scored = list(range(arms)), 0
        self.sums, self.before = np.zeros((2, arms))

    @property
    def finished(self) -> bool:
        return len(self.left) == 1

    def to_score(self) -> list[int]:
        return list(self.left)

    def to_train(self) -> int:
        return self.left[int(self.generator.integers(len(self.left)))]

    @property
    def probabilities(self) -> np.ndarray:
        """``[k]``: shared by those that are left, the better the more, by the rank of their means; equals have equal shares.

        At the start of a round these are the means of the round before.
        """
        means = (self.sums if self.scored else self.before)[self.left]
        weights = np.zeros(self.arms)
        weights[self.left] = 1 + (means[:, None] > means).sum(1) + (means[:, None] >= means).sum(1)
        return weights / weights.sum()

    def update(self, arms: np.ndarray, rewards: np.ndarray) -> None:
        self.sums[arms] += rewards
        self.scored += 1
        if self.scored < self.batches or self.finished:
            return
        count = min(len(self.left) - 1, max(1, round(self.keep * len(self.left))))
        best = sorted(self.left, key=lambda arm: (-self.sums[arm], arm))[:count]
        self.left, self.scored = sorted(best), 0
        self.sums, self.before = np.zeros(self.arms), self.sums

    def state(self) -> dict[str, Any]:
        sums = {name: getattr(self, name).tolist() for name in ('sums', 'before')}
        return {**super().state(), 'left': self.left, 'scored': self.scored, **sums}

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.left, self.scored = list(state['left']), state['scored']
        self.sums, self.before = np.array(state['sums']), np.array(state['before'])
