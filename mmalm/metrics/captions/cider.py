"""CIDEr-D of a corpus of captions (Vedantam et al., CVPR 2015, section 5), as the COCO caption evaluation computes it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .ngrams import LONGEST, NGrams, ngrams

SIGMA = 6.0  # words: how soon another length costs


@dataclass
class _Weighted:
    """A caption's n-grams weighed by how rare they are.

    Attributes:
        weights: of each n-gram.
        norms: of the weights of all n-grams of a length, from one word on.
        length: number of word pairs, which the evaluation takes for the length.
    """

    weights: dict[tuple[str, ...], float]
    norms: list[float]
    length: int


def cider(captions: Sequence[str], references: Sequence[Sequence[str]]) -> list[float]:
    """CIDEr-D of every caption, 0 to 10; the corpus' score is their mean.

    How rare an n-gram is, is told by the references alone: by the number of media that have it in some reference. With one
    media nothing is rarer than anything else, and the score is 0.

    Args:
        captions: tokenised, one a media.
        references: tokenised, one or more for each.
    """
    counted = [[ngrams(text.split()) for text in texts] for texts in references]
    found, most = _frequencies(counted)
    scores = []
    for caption, texts in zip(captions, counted, strict=True):
        mine = _weigh(ngrams(caption.split()), found, most)
        near = [_similarity(mine, _weigh(text, found, most)) for text in texts]
        scores.append(10 * sum(near) / len(near))
    return scores


def consensus(candidates: Sequence[str], references: Sequence[str]) -> dict[str, float]:
    """Of each candidate its mean CIDEr-D as the caption of every media that has another reference than it.

    A reference that is itself a candidate does not count for it, once: matching itself is no merit, and of longer captions
    a greater one. How rare an n-gram is, all references tell.

    Args:
        candidates: tokenised.
        references: tokenised, one a media.
    """
    counted = [ngrams(text.split()) for text in references]
    found, most = _frequencies([[counts] for counts in counted])
    weighed = [_weigh(counts, found, most) for counts in counted]
    place = {text: i for i, text in enumerate(references)}
    scores = {}
    for candidate in candidates:
        mine = _weigh(ngrams(candidate.split()), found, most)
        near = [_similarity(mine, other) for i, other in enumerate(weighed) if i != place.get(candidate)]
        scores[candidate] = 10 * sum(near) / len(near) if near else 0.0
    return scores


def _frequencies(counted: Sequence[Sequence[NGrams]]) -> tuple[NGrams, float]:
    """In how many media each n-gram is, and the logarithm of their number."""
    found = NGrams()
    for texts in counted:
        found.update({ngram for text in texts for ngram in text})
    return found, math.log(len(counted)) if counted else 0.0


def _weigh(counts: NGrams, found: NGrams, most: float) -> _Weighted:
    weights, squares, length = {}, [0.0] * LONGEST, 0
    for ngram, count in counts.items():
        weight = count * (most - math.log(max(1, found[ngram])))
        weights[ngram] = weight
        squares[len(ngram) - 1] += weight**2
        length += count if len(ngram) == 2 else 0
    return _Weighted(weights, [math.sqrt(square) for square in squares], length)


def _similarity(mine: _Weighted, other: _Weighted) -> float:
    """The mean over lengths of n-grams of the clipped cosine, less what another length costs; 0 to 1."""
    products = [0.0] * LONGEST
    for ngram, weight in mine.weights.items():
        theirs = other.weights.get(ngram, 0.0)
        products[len(ngram) - 1] += min(weight, theirs) * theirs
    cosines = [
        product / (norm * other_norm) if norm and other_norm else 0.0
        for product, norm, other_norm in zip(products, mine.norms, other.norms, strict=True)
    ]
    return math.exp(-((mine.length - other.length) ** 2) / (2 * SIGMA**2)) * sum(cosines) / LONGEST
