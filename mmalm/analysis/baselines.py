"""Baselines for closed-set answers: what a score has to beat.

Each is fitted on the training split; its own setting is chosen on the validation split, never on what is scored.

Legend: N samples, F = K x D features of a picture.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence

import numpy as np
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler

from ..errors import ConfigError
from ..registry import BASELINES


class Baseline(ABC):
    """Predicts answers from the frozen encoder's features alone.

    Attributes:
        writes: answers open questions; else those with a closed set of answers.
    """

    writes = False

    @abstractmethod
    def fit(self, features, answers: Sequence[str], val_features, val_answers: Sequence[str]) -> None:
        """Learn from ``features [N, F]`` and N answers; choose settings by the validation ones."""

    @abstractmethod
    def predict(self, features) -> list[str]:
        """Answers for ``features [N, F]``."""


@BASELINES.register_module()
class MajorityAnswer(Baseline):
    """Always the training split's most frequent answer; the alphabetically first of equals."""

    def fit(self, features, answers: Sequence[str], val_features, val_answers: Sequence[str]) -> None:
        counts = Counter(answers)
        self.answer = min(counts, key=lambda answer: (-counts[answer], answer))

    def predict(self, features) -> list[str]:
        return [self.answer] * len(features)


class _ChosenOnValidation(Baseline):
    """A scikit-learn classifier whose one setting is the best of a few on the validation split; the first of equals."""

    def __init__(self, choices: Sequence[float]):
        if not choices or min(choices) <= 0:
            raise ConfigError(f'{type(self).__name__}: choices are one or more positive numbers, found {choices!r}.')
        self.choices = list(choices)

    @abstractmethod
    def classifier(self, choice: float):
        """An unfitted classifier."""

    def fit(self, features, answers: Sequence[str], val_features, val_answers: Sequence[str]) -> None:
        features, val_features = np.asarray(features), np.asarray(val_features)
        best = -1.0
        for choice in self.choices:
            # where all answers are the same there is nothing to tell apart, and scikit-learn refuses to
            several = len(set(answers)) > 1
            candidate = (self.classifier(choice) if several else DummyClassifier()).fit(features, answers)
            score = candidate.score(val_features, val_answers)
            if score > best:
                best, self.chosen, self.fitted = score, choice, candidate

    def predict(self, features) -> list[str]:
        return [str(answer) for answer in self.fitted.predict(np.asarray(features))]


@BASELINES.register_module()
class KNearestNeighbours(_ChosenOnValidation):
    """The vote of the nearest training pictures by cosine similarity.

    Args:
        choices: numbers of neighbours tried.
    """

    def __init__(self, choices: Sequence[int] = (1, 3, 5, 9, 15)):
        super().__init__(choices)

    def classifier(self, choice: float):
        return make_pipeline(Normalizer(), _Neighbours(int(choice)))


class _Neighbours(KNeighborsClassifier):
    """As many neighbours as there are, where fewer than asked for."""

    def fit(self, X, y):  # noqa: N803  (scikit-learn's name)
        self.n_neighbors = min(self.n_neighbors, len(X))
        return super().fit(X, y)


@BASELINES.register_module()
class LinearProbe(_ChosenOnValidation):
    """Logistic regression on standardised features.

    Args:
        choices: inverse regularisation strengths (C) tried.
    """

    def __init__(self, choices: Sequence[float] = (1e-4, 1e-3, 1e-2, 1e-1)):
        super().__init__(choices)

    def classifier(self, choice: float):
        return make_pipeline(StandardScaler(), LogisticRegression(C=choice, max_iter=500))
