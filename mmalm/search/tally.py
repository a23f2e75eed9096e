"""How often each arm was scored, how far it was ahead of the others, and how sure that is.

Legend: k arms, N arms scored on one batch.
"""

import math
from typing import Any

import numpy as np

ARRAYS = ('common', 'sums', 'squares')


class Tally:
    """Differences between the rewards of every two arms on the batches that scored both: a hard batch is hard for both.

    Args:
        arms: k.

    Attributes:
        counts: ``[k]``, how often each arm was scored.
        last: ``[k]``, its last reward, NaN before the first.
        common: ``[k, k]``, on how many batches both were.
    """

    def __init__(self, arms: int):
        self.counts = np.zeros(arms, dtype=np.int64)
        self.last = np.full(arms, np.nan)
        self.common, self.sums, self.squares = np.zeros((3, arms, arms))

    def add(self, arms: np.ndarray, rewards: np.ndarray) -> None:
        """Rewards ``[N]`` of arms ``[N]`` on one batch; an arm that stands twice was scored once."""
        arms, first = np.unique(arms, return_index=True)
        found = rewards[first]
        self.last[arms] = found
        self.counts[arms] += 1
        ahead, both = found[:, None] - found, np.ix_(arms, arms)
        self.common[both] += 1
        self.sums[both] += ahead
        self.squares[both] += ahead**2

    def ahead(self, arm: int) -> np.ndarray:
        """``[k]``: by how much each arm was ahead of this one, in the mean; NaN where no batch scored both."""
        with np.errstate(invalid='ignore', divide='ignore'):
            return self.sums[:, arm] / self.common[:, arm]

    def confidence(self, arm: int) -> float:
        """Probability that an arm is better than each single other one: that of the least sure.

        Differences are taken for normal and independent. Rewards of models that change while they are compared are neither
        quite: read it as a hint. 0.5 where two were scored together less than twice.
        """
        return min(self._better(arm, other) for other in range(len(self.counts)) if other != arm)

    def _better(self, arm: int, other: int) -> float:
        count = self.common[arm, other]
        if count < 2:
            return 0.5
        mean = self.sums[arm, other] / count
        variance = max(0.0, self.squares[arm, other] / count - mean**2) * count / (count - 1)
        if variance == 0:
            return 0.5 if mean == 0 else float(mean > 0)
        return 0.5 * (1 + math.erf(mean / math.sqrt(variance / count) / math.sqrt(2)))

    def state(self) -> dict[str, Any]:
        """As JSON values."""
        last = [None if math.isnan(value) else value for value in self.last.tolist()]
        return {
            'counts': self.counts.tolist(),
            'last': last,
            **{name: getattr(self, name).tolist() for name in ARRAYS},
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from :meth:`state`."""
        self.counts = np.array(state['counts'], dtype=np.int64)
        self.last = np.array([np.nan if value is None else value for value in state['last']])
        for name in ARRAYS:
            setattr(self, name, np.array(state[name]))
