"""Which answer was given for which, where answers come from a closed set."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

LARGEST = 30


def confusion_tables(predictions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One table for each task whose questions were answered from a set, by ranking it or by a classifier.

    Args:
        predictions: as results hold them.

    Returns:
        dicts with ``task``, ``answers`` (names of rows and columns, the most frequent right answers where there are more
        than 30), ``rows`` (dicts of ``answer``, ``total`` and ``cells``: ``count``, ``share`` of the row, ``right``),
        ``left_out`` (how many answers have no row).
    """
    by_task: dict[str, list[Mapping[str, Any]]] = {}
    for prediction in predictions:
        if _chosen(prediction) is not None and prediction.get('answer') not in (None, ''):
            by_task.setdefault(str(prediction.get('task', '')), []).append(prediction)
    return [_table(task, members) for task, members in by_task.items()]


def _chosen(prediction: Mapping[str, Any]) -> str | None:
    return prediction['ranked'] if prediction.get('ranked') is not None else prediction.get('classified')


def _table(task: str, predictions: list[Mapping[str, Any]]) -> dict[str, Any]:
    pairs = Counter((str(p['answer']), str(_chosen(p))) for p in predictions)
    asked = Counter(str(p['answer']) for p in predictions)
    given = Counter(str(_chosen(p)) for p in predictions)
    names = sorted({*asked, *given}, key=lambda name: (-asked[name], -given[name], name))
    shown = names[:LARGEST]
    rows = [
        {
            'answer': truth,
            'total': asked[truth],
            'cells': [
                {
                    'predicted': guess,
                    'count': pairs[truth, guess],
                    'share': pairs[truth, guess] / max(asked[truth], 1),
                    'right': truth == guess,
                }
                for guess in shown
            ],
        }
        for truth in shown
        if asked[truth]
    ]
    return {'task': task, 'answers': shown, 'rows': rows, 'left_out': len(names) - len(shown)}
