"""What a searcher is: it says which arm trains, which are scored, and learns from the rewards.

Legend: k arms, N arms scored on one batch.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ConfigError, TrainingError
from .tally import Tally


class Searcher(ABC):
    """Finds the best of k arms while all of them train.

    The same seed and the same rewards give the same decisions, in every process and after a resumption.

    Args:
        arms: k; given by the search.
        seed: of all draws; given by the search.

    Attributes:
        tally: counts and centred rewards of every arm.
    """

    def __init__(self, arms: int, seed: int):
        if arms < 2:
            raise ConfigError(f'a search needs 2 arms or more to choose from, found {arms}.')
        self.arms, self.tally = arms, Tally(arms)
        self.generator = np.random.default_rng(seed)

    @abstractmethod
    def to_score(self) -> list[int]:
        """The arms to score on the next batch; one that stands twice is scored once and counts twice."""

    @abstractmethod
    def update(self, arms: np.ndarray, rewards: np.ndarray) -> None:
        """Take rewards ``[N]`` of arms ``[N]`` into account, as :meth:`to_score` named them."""

    @property
    @abstractmethod
    def probabilities(self) -> np.ndarray:
        """``[k]``: how far each arm is preferred."""

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to decide."""
        return False

    def to_train(self) -> int:
        """The arm of the next training step: any, all alike."""
        return int(self.generator.integers(self.arms))

    @property
    def best(self) -> int:
        """The most preferred arm; the first of equals."""
        return int(self.probabilities.argmax())

    def learn(self, arms: Sequence[int], rewards: Sequence[float]) -> None:
        """Take the rewards of one batch into account.

        Args:
            arms: N, as :meth:`to_score` named them.
            rewards: N, one each; of several processes the mean over them, so that all decide alike.

        Raises:
            TrainingError: a reward that is not finite; nothing has been learned then.
        """
        found = np.asarray(rewards, dtype=np.float64)
        if not np.isfinite(found).all():
            wrong = [f'arm {arm}: {reward}' for arm, reward in zip(arms, found, strict=True) if not np.isfinite(reward)]
            raise TrainingError(
                f'a reward is not finite ({", ".join(wrong)}), and nothing can be learned from it. Lower the learning rate, '
                'or set precision to bf16 or fp32.'
            )
        chosen = np.asarray(arms, dtype=np.int64)
        self.tally.add(chosen, found)
        self.update(chosen, found)

    def state(self) -> dict[str, Any]:
        """What a resumed search needs, as JSON values."""
        return {'generator': self.generator.bit_generator.state, 'tally': self.tally.state()}

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from :meth:`state`."""
        self.generator.bit_generator.state = state['generator']
        self.tally.load_state(state['tally'])
