"""A config in words: resolved, what would train, and the injection schedule."""

import torch
from mmengine.config import Config
from torch import nn

from ..config import unwrapped
from ..engine.modalities import plans_of
from ..registry import MODELS


def describe(config: Config, model: nn.Module | None = None) -> str:
    """The resolved config, the trainable table and the schedule drawn, from a model on the meta device.

    No weights are allocated or downloaded: architectures come from the zoo's data, a local folder, or the hub cache.

    Args:
        config: as :func:`mmalm.config.load_config` gives it.
        model: the config's, where it has been built already.
    """
    if model is None:
        with torch.device('meta'):
            model = MODELS.build(unwrapped(config['model']), key='model')
    parts = [config.pretty_text.rstrip()]
    if getattr(model, 'trainable_table', None) is not None:
        parts.append(model.trainable_table.text())
    for modality, plan in plans_of(model).items():
        of = f' of {modality}' if modality else ''
        head = f'injection schedule{of}: {plan.num_sources} sources, {plan.num_layers} layers (* given, o stays, x attended to)'
        parts.append(f'{head}\n{plan.draw()}')
    return '\n\n'.join(parts)
