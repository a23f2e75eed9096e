"""BLEU of a corpus of captions (Papineni et al., ACL 2002), as the COCO caption evaluation computes it."""

import math
from collections.abc import Sequence

from .ngrams import LONGEST, ngrams

# they keep divisions by zero apart from zeros; the evaluation's own, so that figures agree
_SMALL, _TINY = 1e-9, 1e-15


def bleu(captions: Sequence[str], references: Sequence[Sequence[str]]) -> list[float]:
    """BLEU-1 to BLEU-4, each 0 to 1.

    Counts are clipped by the reference that has most of an n-gram, and summed over the corpus; of several references the one
    closest in length counts for the brevity penalty, the shorter where two are as close.

    Args:
        captions: tokenised, one a media.
        references: tokenised, one or more for each.
    """
    right, possible = [0] * LONGEST, [0] * LONGEST
    length = wanted = 0
    for caption, texts in zip(captions, references, strict=True):
        words = caption.split()
        known = [text.split() for text in texts]
        length += len(words)
        wanted += min((abs(len(reference) - len(words)), len(reference)) for reference in known)[1]
        for n in range(LONGEST):
            possible[n] += max(len(words) - n, 0)
        most = ngrams([])
        for reference in known:
            most |= ngrams(reference)
        for ngram, count in (ngrams(words) & most).items():
            right[len(ngram) - 1] += count
    ratio = (length + _TINY) / (wanted + _SMALL)
    brevity = math.exp(1 - 1 / ratio) if ratio < 1 else 1.0
    scores, product = [], 1.0
    for n in range(LONGEST):
        product *= (right[n] + _TINY) / (possible[n] + _SMALL)
        scores.append(brevity * product ** (1 / (n + 1)))
    return scores
