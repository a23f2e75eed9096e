"""Templates into pages that need nothing but themselves: no server, no network, no other file."""

from collections.abc import Collection
from datetime import UTC, datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

import mmalm

from ..datasets.media.kinds import KINDS


@cache
def environment() -> Environment:
    """The templates. Every value is escaped: questions and answers come from users' files."""
    found = Environment(
        loader=PackageLoader('mmalm.pages'),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {'number': number, 'score': score, 'percent': percent}
    return found


def render(template: str, **values: Any) -> str:
    """A page from one of the templates."""
    made = datetime.now(UTC).strftime('%Y-%m-%d %H:%M UTC')
    return environment().get_template(template).render(version=mmalm.__version__, made=made, **values)


def nouns(kinds: Collection[str]) -> str:
    """What media of some modalities are called."""
    return KINDS[next(iter(kinds))].nouns if len(kinds) == 1 else 'files' if kinds else 'pictures'


def number(value: float) -> str:
    """A count with thousands apart: 1,784; other numbers to two digits after the point."""
    return f'{value:,}' if isinstance(value, int) else f'{value:,.2f}'


def score(value: float | None) -> str:
    """A score as results tables print it: 0.6237."""
    return '–' if value is None else f'{value:.4f}'


def percent(share: float) -> str:
    """A share in percent: 62.4 %."""
    return f'{100 * share:.1f} %'
