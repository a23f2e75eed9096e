"""What a score is set against: the score with pictures exchanged."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from mmengine.evaluator import Evaluator
from torch.utils.data import DataLoader

from mmalm.errors import ConfigError, closest

from .data import DataBuilder
from .evaluation import evaluate
from .facade import Facade


@dataclass(frozen=True)
class Controls:
    """The scores under changed data that are reported beside the model's own.

    Attributes:
        shuffled_media: every question gets the picture of another sample, by the data set's ``shuffle_media=<seed>``. A
            model that reads its pictures must lose by it.
    """

    shuffled_media: bool = False


def control_loaders(
    controls: Mapping[str, Any] | None, data: DataBuilder, loader_config: Mapping[str, Any], key: str
) -> dict[str, DataLoader]:
    """Loaders of the changed data of each control; built before training, so that a mistake shows at once.

    Args:
        controls: arguments of :class:`Controls`.
        data: builds the changed data set.
        loader_config: the loader's node, which stands under ``key`` in the config.
    """
    known = [field.name for field in fields(Controls)]
    for name in controls or {}:
        if name not in known:
            raise ConfigError(f'controls: unknown control {name!r}. {closest(name, known)} Known: {", ".join(known)}.')
    if not Controls(**(controls or {})).shuffled_media:
        return {}
    return {'shuffled_media': data.loader(loader_config, key, shuffle_media=data.seed)}


def run_controls(
    loaders: Mapping[str, DataLoader], facade: Facade, evaluator: Evaluator
) -> dict[str, dict[str, float]]:
    """The model's scores under each control."""
    return {name: evaluate(facade, loader, evaluator)[0] for name, loader in loaders.items()}
