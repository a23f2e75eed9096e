"""The figure of a search: how far each arm is preferred over time, and how it compares with the best."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# more lines than this are drawn without names
NAMED = 16


def draw(history: Sequence[Mapping[str, Any]], names: Sequence[str], ahead: Sequence[float | None]) -> Figure:
    """Preferences over steps on the left, mean differences to the best arm on the right.

    Args:
        history: lines of search.jsonl.
        names: of the arms.
        ahead: of each arm, how far its rewards were ahead of the best one's in the mean; None where they were never compared.
    """
    figure = Figure(figsize=(10.5, 4.4), layout='constrained')
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    colours = colormaps['viridis'](np.linspace(0, 0.92, len(names)))
    best = history[-1]['best'] if history else 0
    _preferences(left, history, names, colours, best)
    places = [place for place, value in enumerate(ahead) if value is not None]
    right.scatter([ahead[p] for p in places], places, c=colours[places], s=30, zorder=3)
    right.axvline(0, color='0.6', linewidth=0.8)
    if len(names) <= 2 * NAMED:
        right.set_yticks(range(len(names)), names, fontsize='small' if len(names) <= NAMED else 'x-small')
    right.set_xlabel(f'mean reward less that of {names[best]}, in points')
    right.spines[['top', 'right']].set_visible(False)
    right.grid(axis='y', color='0.92', linewidth=0.8)
    return figure


def _preferences(
    axes: Axes, history: Sequence[Mapping[str, Any]], names: Sequence[str], colours: np.ndarray, best: int
) -> None:
    steps = [line['step'] for line in history]
    for arm, name in enumerate(names):
        chosen = arm == best
        axes.plot(
            steps,
            [line['probabilities'][arm] for line in history],
            color=colours[arm],
            linewidth=2.4 if chosen else 1.1,
            zorder=3 if chosen else 2,
            label=f'{name} (found)' if chosen else name,
        )
    axes.axhline(1 / len(names), color='0.6', linewidth=0.8, linestyle=':')
    axes.set_xlabel('training step')
    axes.set_ylabel('preference')
    axes.set_ylim(bottom=0)
    axes.spines[['top', 'right']].set_visible(False)
    if len(names) <= NAMED:
        axes.legend(frameon=False, fontsize='x-small', ncols=2)
    axes.set_title('dotted: no preference', fontsize='small', loc='left', color='0.35')
