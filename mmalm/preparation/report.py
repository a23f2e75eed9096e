"""Findings about a data set, and the list of data sets, as text."""

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

from .catalog import DataSet
from .checking import Finding

HEADER = ('what', 'state', 'found', 'published')


def findings_text(data: DataSet, root: Path, findings: Sequence[Finding]) -> str:
    """A table of what was found, what to do about each line that is not as it should be, and the outcome."""
    rows = [HEADER, *((f.what, f.state, f.found, f.published) for f in findings)]
    lines = [f'{data.title} in {root}', *_table(rows)]
    todo = [finding for finding in findings if finding.hint]
    if todo:
        lines.append('')
    for finding in todo:
        first, *more = finding.hint.splitlines()
        lines += [f'{finding.what}: {first}', *textwrap.indent('\n'.join(more), '    ').splitlines()]
    bad = sum(not finding.good for finding in findings)
    lines += ['', f'Official page: {data.page}', f'Licence: {data.licence}', f'Layout: {data.docs}']
    lines += ['', f'{bad} of {len(findings)} are not as they should be.' if bad else 'All there.']
    return '\n'.join(lines)


def list_text(known: Mapping[str, DataSet]) -> str:
    """One line a data set: name, what it is, its default folder, official page."""
    rows = [('name', 'what', 'folder', 'page'), *((n, d.about, d.root, d.page) for n, d in known.items())]
    return '\n'.join(_table(rows))


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ['  '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
