"""How media that a model is asked about are shown to it."""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from torch import nn

from mmalm.datasets.building import asked_modality
from mmalm.datasets.media.kinds import KINDS
from mmalm.datasets.pictures import on_white
from mmalm.errors import ConfigError
from mmalm.nodes import component_of
from mmalm.registry import DATASETS, TRANSFORMS

from .modalities import preprocessing_of

LOADERS = ('test_dataloader', 'val_dataloader', 'train_dataloader')


class Shown:
    """How media of one modality are shown to a model: as those of its test data are.

    Args:
        model: says what its encoder wants.
        config: the data sets of its loaders are looked at, test data first.
        modality: of the media.

    Attributes:
        transform: from what a file holds to the encoder's input.
        prepare: makes a picture with transparency one without.
        caption: what the data set asks where it wants a caption: its argument 'question', or what its class has as
            ``caption_question``; 'Describe the picture.' (video, sound) where neither is there.

    Raises:
        ConfigError: the only transform of this modality is random.
    """

    def __init__(self, model: nn.Module, config: Mapping[str, Any], modality: str):
        dataset = next((found for found in _datasets(config) if _modality(found) == modality), {})
        component = component_of(dataset, DATASETS)
        self.prepare = getattr(component, 'prepare_picture', on_white)
        wanted = preprocessing_of(model)(modality)
        transform = dataset.get('transform') or {'type': KINDS[modality].transform}
        self.transform = TRANSFORMS.build(transform, key='transform', preprocessing=wanted)
        self.caption = _caption(component, dataset, KINDS[modality].noun)
        if not getattr(self.transform, 'deterministic', True):
            raise ConfigError(
                f'The only transform of this config is random, so a {KINDS[modality].noun} has no one answer. Give the config a '
                'test or validation loader, or switch augmentation off: '
                'options={"train_dataloader.dataset.transform.augment": None}.'
            )


def _datasets(config: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Configs of the data sets of all loaders, parts of mixtures one by one."""
    for key in LOADERS:
        dataset = (config.get(key) or {}).get('dataset')
        if dataset:
            yield from dataset.get('datasets') or [dataset]


def _modality(dataset: Mapping[str, Any]) -> str | None:
    component = component_of(dataset, DATASETS)
    return None if component is None else asked_modality(component, dataset)


def _caption(component: Any, dataset: Mapping[str, Any], noun: str) -> str:
    if 'question' in dataset:
        return dataset['question']
    parameter = None if component is None else inspect.signature(component).parameters.get('question')
    if parameter is not None and isinstance(parameter.default, str):
        return parameter.default
    return getattr(component, 'caption_question', f'Describe the {noun}.')
