"""Means of accuracies, over all questions and by what kind they are of."""

from collections.abc import Iterable, Sequence


def mean(values: Sequence[float]) -> float:
    """The mean of one or more values."""
    return sum(values) / len(values)


def means_by(pairs: Iterable[tuple[str, float]]) -> dict[str, float]:
    """The mean of the values of each group, in the order of the groups' names."""
    groups: dict[str, list[float]] = {}
    for group, value in pairs:
        groups.setdefault(group, []).append(value)
    return {group: mean(groups[group]) for group in sorted(groups)}


def unscored(owner: str, known: int, total: int, what: str) -> str:
    """Why accuracies known of some questions are no score of the data set, or '' where they are known of all.

    Args:
        owner: the metric.
        known: of how many questions there is an accuracy.
        total: of all.
        what: the others lack, such as 'human answers'.
    """
    if not known:
        return f'{owner}: none of {total:,} questions has {what}, so there is no score.'
    if known < total:
        return (
            f'{owner}: {total - known:,} of {total:,} questions have no {what}; '
            'the score of the rest would not be that of the data set.'
        )
    return ''
