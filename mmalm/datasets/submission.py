"""Predictions as the evaluation servers take them: of every question of a split, and of nothing else."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import ConfigError

MODES = ('generated', 'ranked', 'classified')


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
