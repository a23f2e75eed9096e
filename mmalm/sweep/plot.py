"""The figure of a sweep: bars, or lines over a numeric option; intervals, every seed, baselines and controls."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from .names import short_keys
from .plot_references import GREY, draw_references
from .table import SPLITS

# eight colours that people with any colour vision tell apart (Okabe and Ito)
COLOURS = ('#0072B2', '#E69F00', '#009E73', '#CC79A7', '#D55E00', '#56B4E9', '#7F7F7F', '#000000')
# an x axis whose values lie further apart than this is logarithmic
WIDE = 20


def draw(content: Mapping[str, Any]) -> Figure:
    """The figure of what sweep.json holds."""
    across = x_option(content)
    count = len(content['summary'])
    width = 7.0 if across else min(20.0, max(5.0, 2.8 + 1.1 * count))
    # slanted names of many bars take room below
    height = 4.4 if across or count < 4 else 5.2
    figure = Figure(figsize=(width, height), layout='constrained')
    axes = figure.add_subplot()
    if across:
        _lines(axes, content, across)
    else:
        _bars(axes, content)
    axes.set_ylim(*_limits(content, from_zero=not across))
    axes.set_ylabel(f'{content["metric"]}, {SPLITS[content["split"]]}')
    axes.spines[['top', 'right']].set_visible(False)
    axes.grid(axis='y', color='0.9', linewidth=0.8)
    axes.set_axisbelow(True)
    if axes.get_legend_handles_labels()[0]:
        figure.legend(loc='outside right upper', frameon=False, fontsize='small')
    percent = f'{100 * content["confidence"]:.0f} %'
    axes.set_title(f'mean over seeds, {percent} t interval; dots: seeds', fontsize='small', loc='left', color='0.35')
    return figure


def save(content: Mapping[str, Any], stem: Path) -> list[Path]:
    """Write ``<stem>.png`` and ``<stem>.svg``; the same content gives the same files."""
    return save_figure(draw(content), stem)


def save_figure(figure: Figure, stem: Path) -> list[Path]:
    """Write a figure as ``<stem>.png`` and ``<stem>.svg``, without a date in them."""
    files = [stem.with_suffix('.png'), stem.with_suffix('.svg')]
    with rc_context({'svg.hashsalt': 'mmalm', 'svg.fonttype': 'none'}):
        for file in files:
            temporary = file.with_name(f'.{file.name}')
            metadata = {'Date': None} if file.suffix == '.svg' else {'Software': None}
            figure.savefig(temporary, dpi=150, format=file.suffix[1:], metadata=metadata)
            temporary.replace(file)
    return files


def x_option(content: Mapping[str, Any]) -> str | None:
    """The option to draw lines over: the one of several values that are all numbers, of most values where there are more."""
    numeric = {
        key: len(values)
        for key, values in content['options'].items()
        if len(values) > 1 and all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)
    }
    return max(numeric, key=numeric.get) if numeric else None


def _bars(axes: Axes, content: Mapping[str, Any]) -> None:
    summary, metric = content['summary'], content['metric']
    files = list(dict.fromkeys(row['config'] for row in summary))
    for i, row in enumerate(summary):
        score = row['scores'].get(metric)
        colour = COLOURS[files.index(row['config']) % len(COLOURS)]
        if score:
            axes.bar(i, score['mean'], 0.62, color=colour, alpha=0.55)
            _interval(axes, [i], [score], colour='0.15', line='none')
        _dots(axes, content, [row], [i], colour, spread=0.09)
    labels = [row['label'] for row in summary]
    # on top of each other where that is short enough, else slanted
    slanted = max(len(word) for label in labels for word in label.split()) > 12
    axes.set_xticks(range(len(summary)), labels if slanted else [label.replace(' ', '\n') for label in labels])
    if slanted:
        for label in axes.get_xticklabels():
            label.set(rotation=30, ha='right', rotation_mode='anchor')
    axes.set_xlim(-0.6, len(summary) - 0.4)
    paths = [[(i - 0.4, row), (i + 0.4, row)] for i, row in enumerate(summary)]
    draw_references(axes, metric, paths, [GREY] * len(paths))


def _lines(axes: Axes, content: Mapping[str, Any], across: str) -> None:
    metric, values = content['metric'], content['options'][across]
    series: dict[str, list[Mapping[str, Any]]] = {}
    for row in sorted(content['summary'], key=lambda row: row['options'][across]):
        series.setdefault(_label_without(row, across), []).append(row)
    colours = [COLOURS[i % len(COLOURS)] for i in range(len(series))]
    paths = [[(row['options'][across], row) for row in rows] for rows in series.values()]
    for number, (name, path, colour) in enumerate(zip(series, paths, colours, strict=True)):
        # a little apart, or their intervals would hide each other
        apart = ScaledTranslation(5 / 72 * (number - (len(series) - 1) / 2), 0, axes.figure.dpi_scale_trans)
        moved = axes.transData + apart
        scored = [(x, row['scores'][metric]) for x, row in path if metric in row['scores']]
        label = name if len(series) > 1 else ''
        _interval(
            axes, [x for x, _ in scored], [score for _, score in scored], colour, line='-', label=label, transform=moved
        )
        _dots(axes, content, [row for _, row in path], [x for x, _ in path], colour, transform=moved)
    if min(values) > 0 and max(values) / min(values) >= WIDE:
        axes.set_xscale('log')
    if len(values) <= 12:
        axes.set_xticks(values, [f'{value:g}' for value in values], minor=False)
        axes.set_xticks([], minor=True)
    axes.set_xlabel(across)
    draw_references(axes, metric, paths, colours if len(series) > 1 else [GREY])


def _limits(content: Mapping[str, Any], from_zero: bool) -> tuple[float, float]:
    """The y axis: everything that is drawn, and zero under bars."""
    metric = content['metric']
    values = [v for cell in content['cells'] if (v := _score(cell, content)) is not None]
    for row in content['summary']:
        values += (row['scores'].get(metric) or {}).get('interval') or []
        for references in (*row['baselines'].values(), *row['controls'].values()):
            values += [references[metric]['mean']] if metric in references else []
    if from_zero or not values:
        values.append(0.0)
    low, high = min(values), max(values)
    margin = 0.05 * (high - low) or 1.0
    return low - margin if low else 0.0, high + margin


def _label_without(row: Mapping[str, Any], across: str) -> str:
    """What else a row stands for than its value of the option that is the axis."""
    short = short_keys(row['options'])[across]
    return ' '.join(part for part in row['label'].split(' ') if not part.startswith(f'{short}='))


def _interval(
    axes: Axes,
    x: Sequence[float],
    scores: Sequence[Mapping[str, Any]],
    colour: str,
    line: str,
    label: str = '',
    **more: Any,
) -> None:
    """Means and their intervals."""
    half = [0 if score['interval'] is None else score['interval'][1] - score['mean'] for score in scores]
    means = [score['mean'] for score in scores]
    axes.errorbar(
        x,
        means,
        yerr=half,
        color=colour,
        linestyle=line,
        marker='none' if line == 'none' else 'D',
        markersize=7,
        markerfacecolor='white',
        linewidth=1.6,
        elinewidth=1.3,
        capsize=4,
        label=label or None,
        zorder=3,
        **more,
    )


def _dots(
    axes: Axes,
    content: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    x: Sequence[float],
    colour: str,
    spread: float = 0.0,
    **more: Any,
) -> None:
    """Every seed of each row; side by side where there is room for it."""
    at = {row['row']: place for row, place in zip(rows, x, strict=True)}
    seeds, points = content['seeds'], []
    for cell in content['cells']:
        score = _score(cell, content)
        if cell['row'] in at and score is not None:
            aside = spread * (seeds.index(cell['seed']) - (len(seeds) - 1) / 2)
            points.append((at[cell['row']] + aside, score))
    if points:
        axes.scatter(*zip(*points, strict=True), s=20, color=colour, edgecolor='white', linewidth=0.7, zorder=5, **more)


def _score(cell: Mapping[str, Any], content: Mapping[str, Any]) -> float | None:
    return cell['scores'].get(content['split'], {}).get(content['metric'])
