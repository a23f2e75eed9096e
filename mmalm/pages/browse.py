"""The page of a data set: its counts, and some of its samples as people and as the encoder see them."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..datasets.blind import texts
from ..encoders.modalities import INPUTS
from ..errors import ConfigError, closest
from .counts import count_samples
from .drawings import seen_picture
from .previews import Previews, modality_of, part_of
from .render import nouns, render
from .thumbnails import SIDE

NEEDED = ('load_media', 'transform')
WIDE = 512  # pixels of a sheet of frames, or of a spectrogram


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
        dataset: gives sample dicts, with ``load_media`` and ``transform``; or a mixture of such.
        title: of the page, usually the config's name.
        split: which split it is; the page of a test split says what that means.
        count: how many samples are shown, drawn with ``seed``; counts are of all.
        task: show and count the samples of this task alone.
        seed: of the draw.
        draws: how often each sample is drawn, where the transform is random.
        draw: the sample of an epoch (0, 1, ...) and an index, as training would see it; the data set's own unless told.

    Raises:
        ConfigError: a data set that shows no media, or an unknown task.
    """
    missing = [
        n for n in NEEDED if any(getattr(part, n, None) is None for part in getattr(dataset, 'parts', [dataset]))
    ]
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
    preview = Previews(len(chosen) * (1 + draws))
    kinds = {modality_of(dataset, sample['media']) for _, sample in samples}
    cards = []
    for place in chosen:
        index, sample = samples[place]
        seen = [draw(epoch, index) if draw else dataset[index] for epoch in range(draws)]
        cards.append(_card(dataset, index, sample, seen, preview))
    return render(
        'browse.html',
        title=title,
        split=split,
        task=task,
        seed=seed,
        draws=draws,
        dataset=type(dataset).__name__,
        transform=' and '.join(dict.fromkeys(_spec(part.transform) for part in getattr(dataset, 'parts', [dataset]))),
        nouns=nouns(kinds),
        noun=nouns(kinds).removesuffix('s'),
        counts=count_samples(sample for _, sample in samples),
        cards=cards,
        total=len(samples),
        tasks=Counter(shown['task'] for shown in cards),
    )


def _card(
    dataset: Any, index: int, sample: Mapping[str, Any], seen: Sequence[Mapping[str, Any]], preview: Previews
) -> dict[str, Any]:
    part, modality = part_of(dataset, sample['media']), modality_of(dataset, sample['media'])
    given = [seen_picture(modality, drawn[INPUTS[modality]], part.transform.preprocessing) for drawn in seen]
    known = [str(sample.get(key, '')) for key in ('id', 'media', 'question', 'answer')]
    return {
        **{key: sample.get(key) for key in ('media', 'question', 'answer')},
        'id': str(sample.get('id', index)),
        'task': str(sample.get('task', '')),
        'answers': list(sample.get('answers') or ()),
        'references': list(sample.get('references') or ()),
        'original': preview.of(dataset, sample['media']),
        'seen': [preview.thumbnail(picture, WIDE if modality != 'image' else SIDE) for picture, _ in given],
        'seen_size': given[0][1],
        'search': ' '.join(known).lower(),
    }


def _spec(transform: Any) -> str:
    """The transform in a line."""
    spec = transform.spec() if hasattr(transform, 'spec') else {'type': type(transform).__name__}
    rest = {key: value for key, value in spec.items() if key not in ('type', 'preprocessing') and value is not None}
    return f'{spec["type"]}({", ".join(f"{key}={value!r}" for key, value in rest.items())})'
