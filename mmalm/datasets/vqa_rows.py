"""Which questions of a data set are used: a fold of its pictures, a part of its questions."""

import numpy as np

from ..errors import ConfigError, check_choice
from .seeded import hash_order
from .vqa_table import Texts

FOLDS = ('all', 'fit', 'held_out')
# of a split's pictures
HELD_OUT = 0.02


def choose_rows(media: Texts, fold: str, limit: int | float | None, seed: int, owner: str) -> np.ndarray:
    """Rows that are used, ascending.

    Args:
        media: the picture of each row.
        fold: 'held_out': the questions about 2 % of the pictures (one at least), 'fit': all others, 'all': all.
        limit: so many questions, or, between 0 and 1, such a part of them; a smaller limit keeps some of a larger one's.
        seed: of both.
        owner: the data set's name, for errors.

    Raises:
        ConfigError: an unknown fold, a limit that is none, or nothing is left.
    """
    check_choice(owner, 'fold', fold, FOLDS)
    _check_number(owner, 'seed', seed)
    rows = np.arange(len(media))
    if fold != 'all':
        count = max(1, round(HELD_OUT * len(media.distinct)))
        place = {name: number for number, name in enumerate(media.distinct)}
        held = [place[name] for name in hash_order(media.distinct, f'{seed}:fold')[:count]]
        rows = rows[np.isin(media.codes, held) == (fold == 'held_out')]
    if limit is not None:
        rows = np.sort(np.random.default_rng(seed).permutation(rows)[: _count(limit, len(rows), owner)])
    if not len(rows):
        raise ConfigError(f'{owner}: fold={fold!r} and limit={limit!r} leave none of {len(media):,} questions.')
    return rows


def _count(limit: int | float, total: int, owner: str) -> int:
    if isinstance(limit, float) and 0 < limit <= 1:
        return max(1, round(limit * total))
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise ConfigError(
            f'{owner}: limit is a number of questions from 1 on, or a part of them such as 0.01; found {limit!r}.'
        )
    return limit


def _check_number(owner: str, name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ConfigError(f'{owner}: {name}={value!r} must be a whole number from 0 on.')
