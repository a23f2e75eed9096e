"""A data set from its config, given what the encoder of its modality wants."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from ..faults import config_node
from ..registry import DATASETS

IMAGE = 'image'


def build_dataset(config: Any, key: str, preprocessing_of: Callable[[str], Any] | None = None) -> Any:
    """The data set that ``config`` describes.

    Args:
        config: a dict with ``type``, or a data set that is built already.
        key: where it stands in the config, for error messages.
        preprocessing_of: from a modality to how its encoder wants its input; None where the model does not say.

    Raises:
        ConfigError: whatever is wrong with the config, or a modality that no encoder takes.
    """
    context: dict[str, Any] = {}
    if preprocessing_of is not None and isinstance(config, Mapping):
        context['preprocessing_of'] = preprocessing_of
        modality = asked_modality(DATASETS.get(config.get('type')), config)
        if modality is not None:
            with config_node(key):
                context['preprocessing'] = preprocessing_of(modality)
    return DATASETS.build(config, key=key, **context)


def asked_modality(component: Any, arguments: Mapping[str, Any]) -> str | None:
    """The modality of which a data set, not built yet, asks how to prepare it; None for one that does not ask, or mixes others.

    It is an argument of its config, or an attribute of its class; else 'image'.
    """
    try:
        parameters = inspect.signature(component).parameters
    except (TypeError, ValueError):
        return None
    if 'preprocessing' not in parameters:
        return None
    if 'modality' in arguments:
        return arguments['modality']
    default = parameters['modality'].default if 'modality' in parameters else None
    return default if isinstance(default, str) else getattr(component, 'modality', IMAGE)
