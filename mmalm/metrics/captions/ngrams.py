"""Counts of the n-grams of a caption."""

from collections import Counter
from collections.abc import Sequence

NGrams = Counter[tuple[str, ...]]
# BLEU and CIDEr both go up to four words
LONGEST = 4


def ngrams(words: Sequence[str], longest: int = LONGEST) -> NGrams:
    """How often every run of one to ``longest`` words occurs."""
    return Counter(
        tuple(words[place : place + length])
        for length in range(1, longest + 1)
        for place in range(len(words) - length + 1)
    )
