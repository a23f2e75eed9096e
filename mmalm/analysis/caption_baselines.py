"""Baselines for open questions, captions above all: what a score has to beat without a language model.

Legend: N samples, F = K x D features of a picture.
"""

from collections.abc import Sequence
from random import Random
from typing import Annotated

import numpy as np
from annotated_types import Ge
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import normalize

from ..metrics.captions.cider import consensus
from ..metrics.captions.ptb import tokenise
from ..registry import BASELINES
from .baselines import Baseline


@BASELINES.register_module()
class ConsensusAnswer(Baseline):
    """Always one text of the training split: the one with the highest mean CIDEr-D against the others.

    What can be learned from the training split without looking, but for what the questions tell. Where captions repeat it is
    mostly the most frequent one. The alphabetically first of equals.

    Args:
        most: of more training texts, so many are drawn, as candidates and to score them by; the time grows with the square.
    """

    writes = True

    def __init__(self, most: Annotated[int, Ge(1)] = 1000):
        self.most = most

    def fit(self, features, answers: Sequence[str], val_features, val_answers: Sequence[str]) -> None:
        drawn = sorted(Random(0).sample(list(answers), self.most) if len(answers) > self.most else answers)
        tokenised = [tokenise(text) for text in drawn]
        scores = consensus(list(dict.fromkeys(tokenised)), tokenised)
        best = max(scores, key=scores.get)
        self.answer = drawn[tokenised.index(best)]

    def predict(self, features) -> list[str]:
        return [self.answer] * len(features)


@BASELINES.register_module()
class NearestAnswer(Baseline):
    """The text of the training picture that is nearest by cosine similarity; the first of equals."""

    writes = True

    def fit(self, features, answers: Sequence[str], val_features, val_answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.nearest = NearestNeighbors(n_neighbors=1).fit(normalize(np.asarray(features)))

    def predict(self, features) -> list[str]:
        rows = self.nearest.kneighbors(normalize(np.asarray(features)), return_distance=False)[:, 0]
        return [self.answers[row] for row in rows]
