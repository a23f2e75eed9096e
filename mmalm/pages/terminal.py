"""Answers on the terminal."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .cards import card, first_mode

PIPED_WIDTH = 160  # columns where there is no terminal to measure


def print_answers(question: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Print one line a file.

    Args:
        question: what all were asked.
        rows: predictions with ``file``; where they are ranked, the runner-up and both shares within the set are shown.
    """
    console = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH, highlight=False)
    table = Table(box=SIMPLE_HEAD, title=Text(question), title_justify='left', title_style='bold')
    table.add_column('file', overflow='fold')
    table.add_column('answer', overflow='fold', style='bold')
    ranked = any(row.get('scores') for row in rows)
    if ranked:
        table.add_column('share', justify='right')
        table.add_column('log-prob', justify='right')
        table.add_column('runner-up', overflow='fold', style='dim')
    for place, row in enumerate(rows):
        cells = [row['file'], row[first_mode(row)] or '(nothing)']
        if ranked:
            first, *others = card(place, row)['bars']
            then = f'{others[0]["answer"]} {others[0]["share"]:.0%}' if others else ''
            cells += [f'{first["share"]:.0%}', f'{first["log_prob"]:.2f}', then]
        table.add_row(*(Text(str(cell)) for cell in cells))
    console.print(table)
