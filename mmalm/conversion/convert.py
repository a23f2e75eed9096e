"""A released checkpoint as an mmalm checkpoint, by names and shapes; no base model is loaded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from torch import Tensor, nn

from ..config import plain, unwrapped
from ..engine.checkpoint import UNKNOWN, base_models_of, write_checkpoint
from ..engine.checkpoint_files import checksum
from ..errors import CheckpointError, ConfigError, check_choice
from ..registry import MODELS
from ..tuning.whitelist import trained_state
from .epalm import epalm_settings, epalm_weights, prepare_epalm
from .released import read_released, tensors


@dataclass(frozen=True)
class Method:
    """How the checkpoints of one released code are read.

    Attributes:
        weights: from its names to mmalm's.
        settings: where its config and mmalm's model differ, a line each.
        prepare: changes ``model`` of mmalm's config to what the released code did.
    """

    weights: Callable[[Mapping[str, Tensor], nn.Module], dict[str, Tensor]]
    settings: Callable[[Any, nn.Module], list[str]]
    prepare: Callable[[dict[str, Any]], None]


METHODS = {'epalm': Method(epalm_weights, epalm_settings, prepare_epalm)}


def convert(method: str, file: str | Path, folder: str | Path, config: Config) -> dict[str, Any]:
    """Write a checkpoint that ``tools/test.py`` and :func:`mmalm.inference.load` take.

    Args:
        method: whose code saved it: 'epalm'.
        file: saved by ``torch.save``.
        folder: of the checkpoint that is written; what is there must be an earlier one, which is replaced.
        config: the mmalm config of the same model.

    Returns:
        what was converted: tensors, parameters, epoch.

    Raises:
        MissingDataError: no such file.
        CheckpointError: it cannot be read safely, or its names, shapes or settings are not the config's; all are listed.
        ConfigError: an unknown method, a config without a model.
    """
    check_choice('convert', 'method', method, METHODS)
    rules, file = METHODS[method], Path(file)
    content = read_released(file)
    state = tensors(content, file)
    if config.get('model') is None:
        raise ConfigError("The config lacks 'model'.")
    config = Config(unwrapped(config.to_dict()))
    rules.prepare(config['model'])
    with torch.device('meta'):
        model = MODELS.build(unwrapped(config['model']), key='model')
    try:
        found = rules.weights(state, model)
    except CheckpointError as error:
        raise CheckpointError(f'{file}: {error}') from error
    lines = [*rules.settings(content.get('config'), model), *_differences(found, trained_state(model))]
    if lines:
        listed = ''.join(f'\n  - {line}' for line in lines)
        raise CheckpointError(f'{file} is of another model than the config:{listed}')
    bases = {role: {**base, 'fingerprint': UNKNOWN} for role, base in base_models_of(model).items()}
    epoch = content.get('epoch')
    epoch = epoch + 1 if isinstance(epoch, int) else 0
    best = content.get('best_valid')
    facts = {
        'epoch': epoch,
        'step': 0,
        'metrics': {} if best is None else {'released/best_valid': float(best)},
        'converted_from': {
            'method': method,
            'file': file.name,
            'sha256': checksum(file),
            'config': plain(content.get('config')),
        },
    }
    write_checkpoint(Path(folder), found, bases, config, facts)
    return {'tensors': len(found), 'parameters': sum(t.numel() for t in found.values()), 'epoch': epoch}


def _differences(found: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> list[str]:
    lines = [f'{name} {list(own[name].shape)} is not in the file' for name in own if name not in found]
    lines += [
        f'{name} {list(found[name].shape)} is in the file, and the config trains none'
        for name in found
        if name not in own
    ]
    for name in found.keys() & own.keys():
        if found[name].shape != own[name].shape:
            lines.append(f'{name}: {list(found[name].shape)} in the file, {list(own[name].shape)} by the config')
    return sorted(lines)
