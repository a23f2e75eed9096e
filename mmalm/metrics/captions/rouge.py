"""ROUGE-L of a caption (Lin, 2004), as the COCO caption evaluation computes it."""

from collections.abc import Sequence

BETA = 1.2  # how much more recall counts than precision


def rouge_l(caption: str, references: Sequence[str]) -> float:
    """The F-measure of the longest common subsequence of words, 0 to 1.

    Precision and recall are each the highest over the references, so that they may come of two different ones.

    Args:
        caption: tokenised; empty, it scores 0.
        references: tokenised, one or more.
    """
    words = caption.split()
    known = [reference.split() for reference in references]
    common = [longest_common(words, reference) for reference in known]
    if not any(common):
        return 0.0
    precision = max(common) / len(words)
    recall = max(n / len(reference) for n, reference in zip(common, known, strict=True) if reference)
    return (1 + BETA**2) * precision * recall / (recall + BETA**2 * precision)


def longest_common(first: Sequence[str], second: Sequence[str]) -> int:
    """The length of the longest common subsequence."""
    row = [0] * (len(second) + 1)
    for word in first:
        before = 0
        for place, other in enumerate(second, 1):
            above = row[place]
            row[place] = before + 1 if word == other else max(above, row[place - 1])
            before = above
    return row[-1]
