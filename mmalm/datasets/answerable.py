"""Questions that a closed set of answers can answer at all, and the others."""

from collections.abc import Collection
from pathlib import Path

import numpy as np

from ..errors import ConfigError, check_choice
from .labels import read_labels
from .row_table import Table

OUTSIDE = ('leave_out', 'keep')


def within(
    table: Table, rows: np.ndarray, vocabulary: str | Path, outside: str, owner: str
) -> tuple[frozenset[str], np.ndarray, str | None]:
    """The vocabulary, the rows that are used under it, and what there is to say of the others.

    Args:
        table: of all rows; ``rows`` are the places of those that count.
        vocabulary: the file, see :func:`~.labels.read_labels`.
        outside: what becomes of rows none of whose right answers is in it. 'leave_out': nothing could be learnt from them; 'keep':
            they are asked, and no answer to them is right. Rows whose answers are not published are always kept.
        owner: the data set's name, for errors.

    Raises:
        ConfigError: it can answer none.
    """
    check_choice(owner, 'outside', outside, OUTSIDE)
    known = frozenset(read_labels(vocabulary))
    right = [table.right(row) for row in rows.tolist()]
    lost = np.array([bool(answers) and known.isdisjoint(answers) for answers in right], bool)
    answered = sum(map(bool, right))
    count = int(lost.sum())
    if not count:
        return known, rows, None
    named = ', '.join(repr(next(iter(right[place]))) for place in np.flatnonzero(lost)[:3])
    what = f'{count:,} of {answered:,} questions have no answer among the {len(known):,} of {Path(vocabulary).name} ({named})'
    if count == answered:
        raise ConfigError(
            f'{owner}: {what}. It belongs to other data: tools/build_vocabulary.py makes the one of these files.'
        )
    if outside == 'leave_out':
        return known, rows[~lost], f'{what}, and are left out'
    return known, rows, f'{what}; they count as answered wrongly'


def is_answerable(right: Collection[str], known: Collection[str]) -> bool:
    """Whether some right answer is among the known ones."""
    return any(answer in known for answer in right)
