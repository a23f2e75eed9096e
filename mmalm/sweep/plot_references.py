"""Baselines and controls in a figure: what the bars and lines are to be compared with."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes

# they are no runs of ours: grey, told apart by their dashes
GREY = '0.35'
DASHES = {'baselines': ('--', ':', '-.', (0, (10, 3)), (0, (1, 4))), 'controls': ('-', (0, (10, 3)))}

# rows, each with the place it stands at, to be joined by a line
Path = Sequence[tuple[float, Mapping[str, Any]]]


def draw_references(axes: Axes, metric: str, paths: Sequence[Path], colours: Sequence[str]) -> None:
    """One line through the figure where all rows agree, as they do on frozen features; else a line a path.

    Args:
        metric: whose value is drawn, where a baseline or control has it.
        paths: rows of the summary with their places.
        colours: of each path.
    """
    rows = [row for path in paths for _, row in path]
    for kind, dashes in DASHES.items():
        number = 0
        for name in dict.fromkeys(name for row in rows for name in row[kind]):
            known = [value for row in rows if (value := _value(row, kind, name, metric)) is not None]
            if not known:
                continue
            style: dict[str, Any] = {
                'linestyle': dashes[number % len(dashes)],
                'linewidth': 1.3 if kind == 'baselines' else 0.8,
            }
            number += 1
            if max(known) - min(known) < 1e-9:
                axes.axhline(known[0], label=name, color=GREY, zorder=1.5, **style)
                continue
            axes.plot([], [], label=name, color=GREY, **style)
            for path, colour in zip(paths, colours, strict=True):
                points = [(x, value) for x, row in path if (value := _value(row, kind, name, metric)) is not None]
                axes.plot(*zip(*points, strict=True), color=colour, zorder=4, **style) if points else None


def _value(row: Mapping[str, Any], kind: str, name: str, metric: str) -> float | None:
    score = row[kind].get(name, {}).get(metric)
    return score['mean'] if score else None
