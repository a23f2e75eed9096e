"""Answers in the form the VQA evaluation server takes."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import ConfigError
from ..metrics.vqa_normalise import normalise


def submission(ids: Sequence[int | str], predictions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The server's list, one entry a question, answers normalised (https://visualqa.org/evaluation.html, "Results Format").

    Args:
        ids: question ids, in the file's order.
        predictions: ``id``, and ``generated`` or else ``ranked``.

    Raises:
        ConfigError: a question without a prediction, a prediction without a question or an answer, or two that differ.
    """
    answers: dict[str, str] = {}
    for prediction in predictions:
        identity = prediction.get('id')
        answer = prediction.get('generated') if prediction.get('generated') is not None else prediction.get('ranked')
        if answer is None:
            raise ConfigError(
                f'Submission: the prediction of {identity} has neither a generated nor a ranked answer. '
                'Have the head generate: generate=dict(max_new_tokens=10).'
            )
        if answers.setdefault(identity, answer) != answer:
            raise ConfigError(f'Submission: question {identity} has two predictions that differ.')
    unanswered = [identity for identity in ids if str(identity) not in answers]
    unknown = sorted(map(str, answers.keys() - {str(identity) for identity in ids}))
    for faults, what in ((unanswered, 'questions have no prediction'), (unknown, 'predictions are of no question')):
        if faults:
            raise ConfigError(
                f'Submission: {len(faults):,} {what}, such as {", ".join(map(str, faults[:5]))}. '
                'It takes the predictions of the whole split, and of no other.'
            )
    return [{'question_id': identity, 'answer': normalise(answers[str(identity)])} for identity in ids]
