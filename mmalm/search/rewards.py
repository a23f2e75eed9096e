"""What an arm is worth on a batch.

Legend: B batch.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from mmengine.evaluator import Evaluator
from torch import Tensor

from ..engine.judging import judging
from ..errors import ConfigError
from ..injection import Injected

CLASSIFIED = 'classified'


class Reward(Protocol):
    """Measures an arm on a batch, in the parts that several processes have of it."""

    def measure(self, head: Any, lm: Any, batch: Mapping, context: Callable[[Tensor], Injected]) -> tuple[float, float]:
        """A mean, and what it is over; arguments as of a head's ``loss``."""

    def of_mean(self, value: float) -> float:
        """The reward, from the mean over all of the batch."""


class Score:
    """How right the classified answers are, in percent, as the metrics judge each.

    Args:
        evaluator: the config's metrics.

    Raises:
        ConfigError: none of them judges a single answer.
    """

    def __init__(self, evaluator: Evaluator):
        if not any(hasattr(metric, 'judge') for metric in evaluator.metrics):
            names = ', '.join(type(metric).__name__ for metric in evaluator.metrics)
            raise ConfigError(
                f"search.reward='score' needs a metric that judges single answers; found {names}. Set search.reward='likelihood'."
            )
        self._judge = judging(evaluator)

    def measure(self, head: Any, lm: Any, batch: Mapping, context: Callable[[Tensor], Injected]) -> tuple[float, float]:
        predictions = head.predict(lm, batch, context)
        self._judge(0, batch, predictions)
        found = [p['correct'][CLASSIFIED] for p in predictions if CLASSIFIED in p['correct']]
        return (sum(found) / len(found) if found else 0.0), len(found)

    def of_mean(self, value: float) -> float:
        return 100 * value


class Likelihood:
    """100 exp(-loss)."""

    def measure(self, head: Any, lm: Any, batch: Mapping, context: Callable[[Tensor], Injected]) -> tuple[float, float]:
        found = head.loss(lm, batch, context)
        return float(found['loss']), float(found.get('weight', 1.0))

    def of_mean(self, value: float) -> float:
        return 100 * math.exp(-value) if math.isfinite(value) else math.nan


def reward_of(kind: str, head: Any, evaluator: Callable[[], Evaluator]) -> Reward:
    """The reward of a config.

    Args:
        kind: 'score' or 'likelihood'.
        head: the model's.
        evaluator: gives the config's metrics.

    Raises:
        ConfigError: scores of a head that does not classify.
    """
    if kind == 'likelihood':
        return Likelihood()
    if CLASSIFIED not in getattr(head, 'predicts', ()):
        raise ConfigError(
            f"search.reward='score' is for heads that classify; {type(head).__name__} gives {', '.join(head.predicts)}. Set "
            "search.reward='likelihood'."
        )
    return Score(evaluator())
