"""What a config can name, as text for the terminal."""

import textwrap
from collections.abc import Sequence

from .listing import Entry


def group_text(name: str, entries: Sequence[Entry], width: int = 120, verbose: bool = False) -> str:
    """One line an entry; those of MMEngine by their names alone.

    Args:
        name: of the registry.
        entries: of it.
        width: of a line, in columns.
        verbose: with parameters, and MMEngine's in full as well.
    """
    shown = [entry for entry in entries if entry.own or verbose]
    others = [entry.name for entry in entries if not entry.own and not verbose]
    longest = max((len(entry.name) for entry in shown), default=0)
    lines = [name]
    for entry in shown:
        line = f'  {entry.name:{longest}}  {entry.summary}'.rstrip()
        lines.append(line if len(line) <= width else f'{line[: width - 4]} ...')
        if verbose and entry.parameters:
            lines += [f'      {line}' for line in _parameters(entry)]
    if others:
        lines += textwrap.wrap(
            f"MMEngine's: {', '.join(others)}",
            width,
            initial_indent='  ',
            subsequent_indent='  ',
            break_on_hyphens=False,
        )
    return '\n'.join(lines)


def entry_text(entry: Entry) -> str:
    """All of one entry."""
    head = f'{entry.name} ({entry.group})'
    if entry.parameters is None:
        return f'{head}\n\n{entry.summary}\n{entry.text}'.rstrip()
    parameters = _parameters(entry) or ['takes no arguments']
    return '\n'.join(
        [head, '', entry.text or 'Not described.', '', 'In a config:', *(f'  {line}' for line in parameters)]
    )


def _parameters(entry: Entry) -> list[str]:
    lines = []
    for name, (kind, default) in (entry.parameters or {}).items():
        note = '  (given by what surrounds it)' if name in entry.given else ''
        lines.append(f'{name}{f": {kind}" if kind else ""}{f" = {default}" if default else ""}{note}')
    return lines
