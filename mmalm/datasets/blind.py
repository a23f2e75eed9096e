"""A data set's questions and answers, without its pictures being read."""

import copy
from collections.abc import Iterator
from typing import Any

from ..encoders.modalities import INPUTS
from ..errors import ConfigError


def blind(dataset: Any) -> Any:
    """A copy of ``dataset`` that neither loads nor transforms its media: the encoder's input is None in its samples."""
    if hasattr(dataset, 'with_parts'):
        return dataset.with_parts([blind(part) for part in dataset.parts])
    if hasattr(dataset, 'blind'):
        return dataset.blind()
    copied = copy.copy(dataset)
    copied.load_media = copied.transform = _nothing
    return copied


def without_input(dataset: Any, sample: dict[str, Any]) -> dict[str, Any]:
    """A sample of :func:`blind` without the empty input of the encoder.

    Raises:
        ConfigError: the input is there all the same.
    """
    if any([sample.pop(key, None) is not None for key in INPUTS.values()]):
        raise ConfigError(
            f'{type(dataset).__name__} reads its media otherwise than by its load_media and transform, '
            'so its samples cannot be had without them, and a feature cache cannot stand in for them.'
        )
    return sample


def texts(dataset: Any) -> Iterator[dict[str, Any]]:
    """Every sample without its picture, in order: id, media, task, question, answer, answers."""
    reader = blind(dataset)
    for index in range(len(dataset)):
        yield without_input(dataset, reader[index])


def _nothing(_: Any) -> None:
    """In place of a picture, and of its pixels."""
