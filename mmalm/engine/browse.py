"""From a config to the page of one of its data sets."""

from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config

from mmalm.config import unwrapped
from mmalm.errors import ConfigError, check_choice
from mmalm.validation import check

from ..atomic import write_text
from ..pages import browse_page
from ..registry import MODELS
from .data import DataBuilder
from .seeded_samples import SeededSamples

SPLITS = ('train', 'val', 'test')
DRAWS = 3


def browse(
    config: Config,
    out: str | Path = 'browse.html',
    split: str = 'train',
    count: int = 60,
    task: str | None = None,
    seed: int | None = None,
    draws: int | None = None,
) -> Path:
    """Write the page of a config's data set, and say where it is. No weights are read.

    Args:
        config: its model says how pictures are prepared.
        out: the page's file.
        split: 'train', 'val', or 'test', which has to be asked for by name and is marked on the page.
        count: how many samples are shown.
        task: the samples of this task alone.
        seed: of the choice of samples and of the augmentation; the config's unless told.
        draws: how many epochs' draws are shown of a random transform, 3 unless told.

    Raises:
        ConfigError: a split without a loader, an unknown task, ``draws`` of a transform that is not random.
    """
    check_choice('browse', 'split', split, SPLITS)
    for name, value in (('count', count), ('draws', 1 if draws is None else draws)):
        if value < 1:
            raise ConfigError(f'{name}={value} must be 1 or more.')
    key = f'{split}_dataloader'
    check(config, ('model', key))
    seed = config.get('seed', 0) if seed is None else seed
    with torch.device('meta'):
        model = MODELS.build(unwrapped(config['model']), key='model')
    dataset = DataBuilder(model, None, seed).dataset(config[key], key)
    samples = SeededSamples(dataset, seed)
    title = Path(config.filename).stem if config.filename else type(dataset).__name__
    page = browse_page(
        dataset,
        title,
        split,
        count=count,
        task=task,
        seed=seed,
        draws=_draws(dataset, draws),
        draw=lambda epoch, index: samples[epoch, index],
    )
    file = Path(out)
    write_text(file, page)
    print(f'Page: {file}', flush=True)
    return file


def _draws(dataset: Any, asked: int | None) -> int:
    transforms = [getattr(part, 'transform', None) for part in getattr(dataset, 'parts', [dataset])]
    random = not all(getattr(transform, 'deterministic', False) for transform in transforms)
    if asked is not None and not random:
        raise ConfigError(
            f'--augmented {asked}: this split is not augmented, every draw would be the same. Augmentation is switched on '
            'in the config: transform=dict(type="ImageTransform", augment=dict()).'
        )
    return (asked or DRAWS) if random else 1
