"""A results file's scores, arranged for a table and bars."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from .cards import MODES, VERDICTS, verdict

MANY = 14  # scores of a group that a page folds away


def score_columns(results: Mapping[str, Any]) -> dict[str, Mapping[str, float]]:
    """Scores by name of the model, of the controls and of the baselines, in this order; without scores, nothing."""
    split = results['split']
    scores = (results.get('metrics') or {}).get(split) or {}
    if not scores:
        return {}
    columns = {'model': scores}
    for kind in ('controls', 'baselines'):
        columns |= (results.get(kind) or {}).get(split) or {}
    return columns


def score_groups(results: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The score table: one group a mode (what stands before a score's last slash), one row a score.

    Returns:
        dicts of ``mode``, ``many`` (more rows than one wants to see at once) and ``rows``: ``name``, ``samples`` it counts (None
        where unknown), and ``cells``: ``value`` (None where there is none), ``width`` (share of the highest possible or found
        value), ``best`` of its row.
    """
    columns = score_columns(results)
    groups: dict[str, list[dict[str, Any]]] = {}
    for full in dict.fromkeys(name for scores in columns.values() for name in scores):
        mode, _, name = full.rpartition('/')
        values = [scores.get(full) for scores in columns.values()]
        known = [value for value in values if value is not None]
        scale = max([1.0, *known])
        cells = [
            {'value': v, 'width': None if v is None else max(v, 0) / scale, 'best': v is not None and v == max(known)}
            for v in values
        ]
        row = {'name': name, 'samples': _counted(results['predictions'], mode, name), 'cells': cells}
        groups.setdefault(mode, []).append(row)
    return [{'mode': mode, 'rows': rows, 'many': len(rows) > MANY} for mode, rows in groups.items()]


def headline(results: Mapping[str, Any]) -> dict[str, Any] | None:
    """The first score, beside that of every control and baseline, with the interval it is known to.

    Returns:
        ``name``, ``value``, ``bars`` (dicts of ``name``, ``value``, ``width``); where the score is a mean over questions also
        ``asked`` (how many), ``verdicts`` (how many of each), and, where each is right or wrong, ``interval``: 95 % (Wilson,
        1927). None where there are no scores.
    """
    columns = score_columns(results)
    if not columns:
        return None
    name, value = next(iter(columns['model'].items()))
    found = {column: scores[name] for column, scores in columns.items() if name in scores}
    scale = max([1.0, *found.values()])
    bars = [{'name': column, 'value': v, 'width': max(v, 0) / scale} for column, v in found.items()]
    judged = _judged(results['predictions'], value)
    verdicts = Counter(map(verdict, judged))
    return {
        'name': name,
        'value': value,
        'bars': bars,
        'asked': len(judged) or None,
        'verdicts': {word: n for word in VERDICTS if (n := verdicts[word])},
        'interval': wilson(value, len(judged)) if judged and {*judged} <= {0.0, 1.0} else None,
    }


def wilson(share: float, count: int, z: float = 1.96) -> tuple[float, float]:
    """The interval in which the true share lies in 95 of 100 cases, of ``count`` samples."""
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def _judged(predictions: Sequence[Mapping[str, Any]], value: float) -> list[float]:
    """How right each prediction is, of the mode whose mean is this score; empty where it is no such mean."""
    for mode in MODES:
        judged = [p['correct'][mode] for p in predictions if _has(p, mode)]
        if judged and math.isclose(sum(judged) / len(judged), value, abs_tol=1e-6):
            return judged
    return []


def _counted(predictions: Sequence[Mapping[str, Any]], mode: str, name: str) -> int | None:
    counted = [p for p in predictions if _has(p, mode) and name in ('overall', p.get('task'))]
    return len(counted) or None


def _has(prediction: Mapping[str, Any], mode: str) -> bool:
    return mode in (prediction.get('correct') or {})
