"""The table of a sweep, for the terminal and for a Markdown file."""

from collections.abc import Mapping
from typing import Any

from ..analysis.text_table import Table
from ..engine.hooks.progress_hook import duration

SPLITS = {'val': 'validation split', 'test': 'test split'}


def tables(content: Mapping[str, Any]) -> list[Table]:
    """The scores of every row, and the differences to the first one, from what sweep.json holds."""
    found = [scores_table(content)]
    return [*found, differences_table(content)] if content['comparisons'] else found


def scores_table(content: Mapping[str, Any]) -> Table:
    """One line a row: mean and interval of the metric, its controls and baselines beside it."""
    metric, summary = content['metric'], content['summary']
    beside = {
        kind: [
            name for name in dict.fromkeys(n for row in summary for n in row[kind]) if _has(summary, kind, name, metric)
        ]
        for kind in ('controls', 'baselines')
    }
    extra = [(kind, name) for kind, names in beside.items() for name in names]
    header = ['', 'n', metric, 'std', *(name for _, name in extra), 'trained', 'step', 'time']
    lines = []
    for row in summary:
        score = row['scores'].get(metric)
        others = [row[kind].get(name, {}).get(metric) for kind, name in extra]
        trained = ', '.join(f'{count:,}' for count in row['trainable']) or '-'
        seconds = '-' if row['seconds'] is None else duration(row['seconds'])
        step = '-' if row['step_seconds'] is None else f'{row["step_seconds"]:.2f} s'
        n = f'{score["n"] if score else 0}/{len(content["seeds"])}'
        std = number(score['std'] if score else None)
        lines.append([row['label'], n, with_interval(score), std, *map(mean, others), trained, step, seconds])
    percent = f'{100 * content["confidence"]:.0f} %'
    return Table(
        f'{metric}, {SPLITS[content["split"]]}: mean ± half of the {percent} t interval over seeds', header, lines
    )


def differences_table(content: Mapping[str, Any]) -> Table:
    """One line a row but the first: how much better or worse than the first, seed by seed."""
    metric, seeds = content['metric'], content['seeds']
    lines = []
    for comparison in content['comparisons']:
        score = comparison['scores'].get(metric)
        each = [number((score or {'by_seed': {}})['by_seed'].get(str(seed)), sign=True) for seed in seeds]
        n = f'{score["n"] if score else 0}/{len(seeds)}'
        lines.append([comparison['label'], n, with_interval(score, sign=True), *each])
    first = content['summary'][0]['label']
    title = f'Difference to {first}, pairs of the same seed: mean ± half of the {100 * content["confidence"]:.0f} % t interval'
    return Table(title, ['', 'n', metric, *(f'seed {seed}' for seed in seeds)], lines)


def number(value: float | None, sign: bool = False) -> str:
    """Four decimals, or a dash for what there is none of."""
    return '-' if value is None else f'{value:{"+" if sign else ""}.4f}'


def mean(score: Mapping[str, Any] | None) -> str:
    """A summary's mean alone."""
    return number(score['mean'] if score else None)


def with_interval(score: Mapping[str, Any] | None, sign: bool = False) -> str:
    """``0.6452 ± 0.0310``; of one seed there is no interval."""
    if not score or score['mean'] is None:
        return '-'
    text = number(score['mean'], sign)
    return text if score['interval'] is None else f'{text} ± {score["interval"][1] - score["mean"]:.4f}'


def _has(summary: list[Mapping[str, Any]], kind: str, name: str, metric: str) -> bool:
    return any(metric in row[kind].get(name, {}) for row in summary)
