"""Predictions as the evaluation servers take them: of every question of a split, and of nothing else."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..atomic import write_json, write_text
from ..errors import ConfigError

TABLE = '.tsv'

MODES = ('generated', 'ranked', 'classified')


def write_submission(file: Path, content: Any) -> None:
    """Write a file for a server: JSON, or, where it ends in .tsv, a table with a header, of records with the same fields."""
    if file.suffix != TABLE:
        write_json(file, content)
        return
    text = io.StringIO()
    table = csv.DictWriter(text, list(content[0]), delimiter='\t', lineterminator='\n')
    table.writeheader()
    table.writerows(content)
    write_text(file, text.getvalue())


def texts_by_id(ids: Sequence[Any], predictions: Sequence[Mapping[str, Any]]) -> dict[Any, str]:
    """The predicted text of every row, in the order of ``ids``.

    Args:
        ids: of all rows, in the file's order.
        predictions: ``id``, and an answer: the first there is of ``generated``, ``ranked`` and ``classified``.

    Raises:
        ConfigError: a row without a prediction, a prediction without a row or a text, or two that differ.
    """
    texts: dict[str, str] = {}
    for prediction in predictions:
        identity = prediction.get('id')
        text = next((prediction[mode] for mode in MODES if prediction.get(mode) is not None), None)
        if text is None:
            raise ConfigError(
                f'Submission: the prediction of {identity} has no answer, neither generated nor ranked nor classified. '
                'Have the head generate: generate=dict(max_new_tokens=10).'
            )
        if texts.setdefault(identity, text) != text:
            raise ConfigError(f'Submission: question {identity} has two predictions that differ.')
    unanswered = [identity for identity in ids if str(identity) not in texts]
    unknown = sorted(map(str, texts.keys() - {str(identity) for identity in ids}))
    for faults, what in ((unanswered, 'questions have no prediction'), (unknown, 'predictions are of no question')):
        if faults:
            raise ConfigError(
                f'Submission: {len(faults):,} {what}, such as {", ".join(map(str, faults[:5]))}. '
                'It takes the predictions of the whole split, and of no other.'
            )
    return {identity: texts[str(identity)] for identity in ids}
