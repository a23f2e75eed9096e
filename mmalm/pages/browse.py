"""The page of a data set: its counts, and some of its samples as people and as the encoder see them."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import Tensor

from ..datasets.blind import texts
from ..errors import ConfigError, closest
from .counts import count_samples
from .render import render
from .thumbnails import Thumbnails, denormalised

NEEDED = ('load_media', 'transform')


def browse_page(
    dataset: Any,
    title: str,
    split: str,
    count: int = 60,
    task: str | None = None,
    seed: int = 0,
    draws: int = 1,
    draw: Callable[[int, int], Mapping[str, Any]] | None = None,
) -> str:
    """The page of a data set.

    Args:
        dataset: gives sample dicts, with ``load_media`` and ``transform``.
        title: of the page, usually the config's name.
        split: which split it is; the page of a test split says what that means.
        count: how many samples are shown, drawn with ``seed``; counts are of all.
        task: show and count the samples of this task alone.
        seed: of the draw.
        draws: how often each sample is drawn, where the transform is random.
        draw: the sample of an epoch (0, 1, ...) and an index, as training would see it; the data set's own unless told.

    Raises:
        ConfigError: a data set that shows no pictures, or an unknown task.
    """
    missing = [name for name in NEEDED if getattr(dataset, name, None) is None]
    if missing:
        raise ConfigError(
            f'{type(dataset).__name__} has no {" and no ".join(missing)}, so there is nothing to look at.'
        )
    samples = list(enumerate(texts(dataset)))
    if task is not None:
        known = sorted({str(sample.get('task')) for _, sample in samples})
        if task not in known:
            raise ConfigError(f'No task {task!r} in this data set. {closest(task, known)} It has {", ".join(known)}.')
        samples = [(index, sample) for index, sample in samples if str(sample.get('task')) == task]
    chosen = sorted(random.Random(seed).sample(range(len(samples)), min(count, len(samples))))
    thumbnail = Thumbnails(len(chosen) * (1 + draws))
    cards = []
    for place in chosen:
        index, sample = samples[place]
        seen = [draw(epoch, index) if draw else dataset[index] for epoch in range(draws)]
        cards.append(_card(dataset, index, sample, [drawn['pixels'] for drawn in seen], thumbnail))
    return render(
        'browse.html',
        title=title,
        split=split,
        task=task,
        seed=seed,
        draws=draws,
        dataset=type(dataset).__name__,
        transform=_spec(dataset.transform),
        counts=count_samples(sample for _, sample in samples),
        cards=cards,
        total=len(samples),
        tasks=Counter(shown['task'] for shown in cards),
    )


def _card(
    dataset: Any, index: int, sample: Mapping[str, Any], seen: Sequence[Tensor], thumbnail: Thumbnails
) -> dict[str, Any]:
    picture = dataset.load_media(sample['media'])
    statistics = dataset.transform.preprocessing
    known = [str(sample.get(key, '')) for key in ('id', 'media', 'question', 'answer')]
    return {
        **{key: sample.get(key) for key in ('media', 'question', 'answer')},
        'id': str(sample.get('id', index)),
        'task': str(sample.get('task', '')),
        'answers': list(sample.get('answers') or ()),
        'original': thumbnail(picture),
        'size': picture.size,
        'seen': [thumbnail(denormalised(pixels, statistics.mean, statistics.std)) for pixels in seen],
        'seen_size': (seen[0].shape[-1], seen[0].shape[-2]),
        'search': ' '.join(known).lower(),
    }


def _spec(transform: Any) -> str:
    """The transform in a line."""
    spec = transform.spec() if hasattr(transform, 'spec') else {'type': type(transform).__name__}
    rest = {key: value for key, value in spec.items() if key not in ('type', 'preprocessing') and value is not None}
    return f'{spec["type"]}({", ".join(f"{key}={value!r}" for key, value in rest.items())})'
