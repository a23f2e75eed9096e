"""The table of what trains: printed at the start of every run, and held against what a config expects."""

import re
from dataclasses import asdict, dataclass, field

from mmalm.errors import ConfigError, TrainingError


@dataclass(frozen=True)
class TrainableRow:
    """What one pattern of the whitelist makes trainable.

    Attributes:
        pattern: glob over full parameter names.
        tensors: how many parameter tensors it matches, each counted under the first pattern that matches it.
        parameters: how many numbers these hold.
    """

    pattern: str
    tensors: int
    parameters: int


@dataclass(frozen=True)
class TrainableTable:
    """What trains in a model, by pattern.

    Attributes:
        rows: one a pattern, in the order of the whitelist.
        total: parameters of the whole model; shared ones count once.
    """

    rows: tuple[TrainableRow, ...]
    total: int
    trainable: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, 'trainable', sum(row.parameters for row in self.rows))

    def percent(self, parameters: int) -> float:
        """``parameters`` as a percentage of the whole model."""
        return 100 * parameters / self.total if self.total else 0.0

    def text(self) -> str:
        """The table as aligned text with thousands separators."""
        head = ('trainable', 'tensors', 'parameters', '% of all')
        lines = [
            (r.pattern, f'{r.tensors:,}', f'{r.parameters:,}', f'{self.percent(r.parameters):.4f}') for r in self.rows
        ]
        tensors = sum(row.tensors for row in self.rows)
        foot = ('total trainable', f'{tensors:,}', f'{self.trainable:,}', f'{self.percent(self.trainable):.4f}')
        whole = ('whole model', '', f'{self.total:,}', f'{100:.4f}')
        cells = [head, *lines, foot, whole]
        widths = [max(len(row[i]) for row in cells) for i in range(len(head))]

        def line(row: tuple[str, ...]) -> str:
            return '  '.join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])

        rule = '-' * (sum(widths) + 2 * (len(widths) - 1))
        return '\n'.join([line(head), rule, *map(line, lines), rule, line(foot), line(whole)])

    def as_dict(self) -> dict:
        """The table for JSON."""
        rows = [{**asdict(row), 'percent': self.percent(row.parameters)} for row in self.rows]
        return {
            'rows': rows,
            'trainable': self.trainable,
            'total': self.total,
            'percent': self.percent(self.trainable),
        }

    def check(self, expect: int | str) -> None:
        """Stop unless the trainable total is what was expected.

        Args:
            expect: an exact count (``1_234``), or a range of counts or of percentages of the whole model
                (``'1_000..2_000'``, ``'0.5%..1%'``), both ends included.

        Raises:
            ConfigError: ``expect`` cannot be read.
            TrainingError: the total is another.
        """
        low, high = _bounds(expect)
        (low, low_percent), (high, high_percent) = _bounds(expect)
        percent = self.percent(self.trainable)
        inside = low <= (percent if low_percent else self.trainable)
        inside &= (percent if high_percent else self.trainable) <= high
        if not inside:
            raise TrainingError(
                f'The config expects {expect} trainable parameters, but {self.trainable:,} train '
                f'({self.percent(self.trainable):.4f} % of {self.total:,}).\n{self.text()}\n'
                'Change the whitelist, or expect_trainable.'
            )


_BOUND = re.compile(r'\s*(\d[\d_,]*(?:\.\d+)?)\s*(%?)\s*')


def _bounds(expect: int | str) -> tuple[tuple[float, bool], tuple[float, bool]]:
    parts = str(expect).split('..')
    found = [_BOUND.fullmatch(part) for part in parts]
    if isinstance(expect, bool) or len(parts) > 2 or not all(found):
        raise ConfigError(
            f"expect_trainable={expect!r} cannot be read. Write a count (1234), or a range: '1_000..2_000', '0.5%..1%'."
        )
    bounds = [(float(m[1].replace('_', '').replace(',', '')), bool(m[2])) for m in found if m]
    return bounds[0], bounds[-1]
