"""A data set's questions and answers, without its pictures being read."""

import copy
from collections.abc import Iterator
from typing import Any

from ..errors import ConfigError


def blind(dataset: Any) -> Any:
    """A copy of ``dataset`` that neither loads nor transforms a picture: ``pixels`` is None in its samples."""
    copied = copy.copy(dataset)
    copied.load_media = copied.transform = _nothing
    return copied


def without_pixels(dataset: Any, sample: dict[str, Any]) -> dict[str, Any]:
    """A sample of :func:`blind` without its empty ``pixels``.

    Raises:
        ConfigError: it has pixels all the same.
    """
    if sample.pop('pixels', None) is not None:
        raise ConfigError(
            f'{type(dataset).__name__} reads its pictures otherwise than by its load_media and transform, '
            'so its samples cannot be had without them, and a feature cache cannot stand in for them.'
        )
    return sample


def texts(dataset: Any) -> Iterator[dict[str, Any]]:
    """Every sample without its picture, in order: id, media, task, question, answer, answers."""
    reader = blind(dataset)
    for index in range(len(dataset)):
        yield without_pixels(dataset, reader[index])


def _nothing(_: Any) -> None:
    """In place of a picture, and of its pixels."""
