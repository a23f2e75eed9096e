"""Which rows of a data set are used: a fold of its media, a part of its media or of its questions."""

from collections.abc import Sequence

import numpy as np

from ..errors import ConfigError, check_choice
from .columns import Column
from .media.blank import BLANK
from .row_table import Table
from .seeded import hash_order

FOLDS = ('all', 'fit', 'held_out')
LIMITED = ('media', 'questions')
# of a split's media
HELD_OUT = 0.02


def choose_rows(
    table: Table,
    fold: str = 'all',
    limit: int | float | None = None,
    seed: int = 0,
    owner: str = 'data set',
    limit_of: str = 'media',
) -> np.ndarray:
    """Rows that are used, ascending. Hashes decide, so the choice is the same for whatever is trained, on every machine.

    Args:
        table: all rows; one without a file counts as a file of its own.
        fold: 'held_out': the rows of 2 % of the media (of one at least), 'fit': all others, 'all': all.
        limit: so many, or, between 0 and 1, such a part; a smaller limit keeps some of a larger one's.
        seed: of both.
        owner: the data set's name, for errors.
        limit_of: what ``limit`` counts: 'media', with all their rows, or 'questions', which are rows.

    Raises:
        ConfigError: an unknown fold, a limit that is none, or nothing is left.
    """
    check_choice(owner, 'fold', fold, FOLDS)
    check_choice(owner, 'limit_of', limit_of, LIMITED)
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ConfigError(f'{owner}: seed={seed!r} must be a whole number from 0 on.')
    rows, media = np.arange(len(table)), _media(table)
    if fold != 'all':
        held = _places(media.distinct, f'{seed}:fold', max(1, round(HELD_OUT * len(media.distinct))))
        rows = rows[np.isin(media.codes, held) == (fold == 'held_out')]
    if limit is not None and limit_of == 'media':
        left = np.unique(media.codes[rows])
        names = [media.distinct[code] for code in left]
        kept = left[_places(names, f'{seed}:limit', _count(limit, len(names), owner, limit_of))]
        rows = rows[np.isin(media.codes[rows], kept)]
    elif limit is not None:
        names = [str(table.ids[row]) for row in rows]
        rows = np.sort(rows[_places(names, f'{seed}:limit', _count(limit, len(names), owner, limit_of))])
    if not len(rows):
        raise ConfigError(f'{owner}: fold={fold!r} and limit={limit!r} leave none of {len(table):,} questions.')
    return rows


def _media(table: Table) -> Column[str]:
    if BLANK not in table.media.distinct:
        return table.media
    keys = (table.media[row] for row in range(len(table)))
    return Column([f'{BLANK}:{table.ids[row]}' if key == BLANK else key for row, key in enumerate(keys)])


def _places(names: Sequence[str], seed: str, count: int) -> list[int]:
    """Where the first ``count`` of the shuffled names stand."""
    place = {name: number for number, name in enumerate(names)}
    return [place[name] for name in hash_order(names, seed)[:count]]


def _count(limit: int | float, total: int, owner: str, what: str) -> int:
    if isinstance(limit, float) and 0 < limit <= 1:
        return max(1, round(limit * total))
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise ConfigError(
            f'{owner}: limit is a number of {what} from 1 on, or a part of them such as 0.01; found {limit!r}.'
        )
    return limit
