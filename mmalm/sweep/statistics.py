"""Means over seeds and how sure they are."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scipy import stats

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Summary:
    """Of n numbers.

    Attributes:
        n: how many there were.
        mean: None of none.
        std: sample standard deviation, over n - 1; None of fewer than two.
        half: half the width of the 95 % Student's t interval of the mean, ``t(0.975, n - 1) std / sqrt(n)``; None of fewer than
            two.
    """

    n: int
    mean: float | None
    std: float | None
    half: float | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON, with the interval's two ends."""
        interval = None if self.half is None else [self.mean - self.half, self.mean + self.half]
        return {'n': self.n, 'mean': self.mean, 'std': self.std, 'interval': interval}


def summarise(values: Sequence[float]) -> Summary:
    """Mean, spread and interval of a few numbers."""
    n = len(values)
    if not n:
        return Summary(0, None, None, None)
    mean = statistics.mean(values)
    if n == 1:
        return Summary(1, mean, None, None)
    std = statistics.stdev(values)
    quantile = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1))
    return Summary(n, mean, std, quantile * std / math.sqrt(n))


def paired(first: Mapping[int, float], other: Mapping[int, float]) -> dict[int, float]:
    """Differences ``other - first`` by seed, over the seeds both have.

    Runs with the same seed share the order of the data and, where their shapes agree, the initial weights; their difference
    varies less than the difference of two means does.
    """
    return {seed: other[seed] - first[seed] for seed in other if seed in first}
