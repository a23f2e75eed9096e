"""The checkpoints whose weights a training starts from: of the whole model, or of its modalities one by one."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from torch import nn

from mmalm.errors import ConfigError
from mmalm.tuning.lora import name_alone

from .checkpoint import load_checkpoint
from .checkpoint_files import read_description

WHOLE = ''


def starting_points(load_from: str | Path | Mapping[str, Any] | None) -> dict[str, str | Path]:
    """The config's ``load_from`` by modality; '' for the whole model. Every checkpoint's description is there.

    Raises:
        MissingDataError, CheckpointError: one is not there, or is no checkpoint.
    """
    points = dict(load_from) if isinstance(load_from, Mapping) else {WHOLE: load_from} if load_from else {}
    for checkpoint in points.values():
        read_description(checkpoint)
    return points


def start_from(points: Mapping[str, str | Path], model: nn.Module) -> None:
    """Load what :func:`starting_points` gave.

    Args:
        points: under a modality, a checkpoint of a model of this modality alone; it fits where language model, encoder and
            what trains are the same. Modalities that are left out start anew.
        model: as built.

    Raises:
        ConfigError: modalities for a model that has but one, or not these.
        CheckpointError: a checkpoint is of something else.
    """
    for modality, checkpoint in points.items():
        if modality == WHOLE:
            load_checkpoint(checkpoint, model)
        elif not hasattr(model, 'alone'):
            raise ConfigError(
                f'load_from names the modality {modality!r}, and {type(model).__name__} has no adaptations. '
                'Give the checkpoint alone: load_from=<checkpoint>.'
            )
        else:
            load_checkpoint(checkpoint, model.alone(modality), partial(name_alone, modality))
