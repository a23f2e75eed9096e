"""Figures as text, and rows of them as tables."""

from collections.abc import Sequence

_UNITS = ((1e18, 'E'), (1e15, 'P'), (1e12, 'T'), (1e9, 'G'), (1e6, 'M'), (1e3, 'k'))


def scaled(value: float, unit: str) -> str:
    """``1.234 TFLOP`` for 1234000000000 and 'FLOP'."""
    factor, prefix = next(((factor, prefix) for factor, prefix in _UNITS if value >= factor), (1, ''))
    digits = f'{value / factor:#.4g}'.removesuffix('.') if value else '0'
    return f'{digits} {prefix}{unit}'


def gigabytes(value: int) -> str:
    """``1.234 GB``; less than 10 MB in MB."""
    return f'{value / 1e9:.2f} GB' if value >= 1e7 else f'{value / 1e6:.2f} MB'


def duration(seconds: float) -> str:
    """``3.2 h`` and the like."""
    for size, name in ((86400, 'days'), (3600, 'h'), (60, 'min')):
        if seconds >= size:
            return f'{seconds / size:.1f} {name}'
    return f'{seconds:.3g} s'


def table(rows: Sequence[Sequence[str]], rules: Sequence[int] = (1,)) -> str:
    """Columns aligned, the first to the left; a rule above the rows whose numbers are in ``rules``."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for number, row in enumerate(rows):
        if number in rules:
            lines.append('-' * (sum(widths) + 2 * (len(widths) - 1)))
        cells = [row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))]
        lines.append('  '.join(cells).rstrip())
    return '\n'.join(lines)
