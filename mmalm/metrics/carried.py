"""What a sample carries beside its answer, from its prediction or its batch."""

from collections.abc import Mapping
from typing import Any

from mmalm.errors import ConfigError

ABSENT = object()


def carried(prediction: Mapping[str, Any], batch: Any, place: int, name: str, otherwise: Any = ABSENT) -> Any:
    """A value of the sample at a place of a batch; what the prediction itself carries under the name counts first.

    Args:
        prediction: of the sample.
        batch: columns by name, or something else where there is none.
        place: of the sample in the batch.
        name: of the value.
        otherwise: where the sample carries none.

    Raises:
        KeyError: the sample carries none, and there is nothing else.
    """
    if name in prediction:
        return prediction[name]
    if isinstance(batch, Mapping) and name in batch:
        return batch[name][place]
    if otherwise is ABSENT:
        raise KeyError(name)
    return otherwise


def right_texts(sample: Mapping[str, Any]) -> list[str]:
    """What counts as right: the sample's ``references``, or else its ``answer``; nothing where neither is known."""
    return [text for text in sample.get('references') or [sample.get('answer')] if text]


def carried_texts(prediction: Mapping[str, Any], batch: Any, place: int) -> list[str]:
    """As :func:`right_texts`, of the sample at a place of a batch."""
    return right_texts({name: carried(prediction, batch, place, name, None) for name in ('references', 'answer')})


def of_kind(owner: str, prediction: Mapping[str, Any], batch: Any, place: int, name: str, kind: str) -> Any:
    """As :func:`carried`, for a metric of one kind of data sets.

    Raises:
        ConfigError: the sample carries none; names the metric and the kind.
    """
    found = carried(prediction, batch, place, name, None)
    if found is None:
        raise ConfigError(
            f'{owner}: samples carry no {name!r}. It scores data sets {kind}; others have AnswerAccuracy.'
        )
    return found


def predicted(owner: str, prediction: Mapping[str, Any], mode: str) -> str:
    """The text of a prediction in a mode: 'ranked', 'generated' or 'classified'.

    Raises:
        ConfigError: it has none.
    """
    if prediction.get(mode) is None:
        raise ConfigError(
            f'{owner}: the prediction of {prediction.get("id")} has no {mode!r} answer. Set mode= to what the head predicts, or '
            "have it predict: generate=dict(max_new_tokens=10) for 'generated', rank=True for 'ranked', a ClassificationHead for "
            "'classified'."
        )
    return prediction[mode]
