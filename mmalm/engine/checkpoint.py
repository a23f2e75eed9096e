"""Checkpoints: what training changed in a model, written, and put into a model of the same kind."""

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import nn

import mmalm
from mmalm.config import plain
from mmalm.errors import CheckpointError
from mmalm.tuning.whitelist import trained_state

from ..atomic import new_folder, write_json
from .checkpoint_files import DESCRIPTION, FORMAT_VERSION, WEIGHTS, as_folder, checksums, read_tensors, verify

# the fingerprint of a base model where a converted checkpoint has none
UNKNOWN = 'unknown'


def save_checkpoint(
    folder: str | Path,
    model: nn.Module,
    *,
    config: Any = None,
    epoch: int = 0,
    step: int = 0,
    metrics: Mapping[str, Any] | None = None,
    also: Callable[[Path], None] | None = None,
) -> Path:
    """Write what training changed in ``model``.

    Args:
        folder: the checkpoint's folder; an earlier checkpoint there is replaced in whole.
        model: trainable parameters are saved, and persistent buffers of trained modules; ``model.base_models()``, where
            there is one, names the frozen models it stands on.
        config: the resolved config, for the record.
        epoch, step: how far the training is.
        metrics: scores of this checkpoint.
        also: writes further files into the (temporary) folder it is given.
    """
    counts = {'epoch': epoch, 'step': step, 'metrics': plain(metrics or {})}
    return write_checkpoint(Path(folder), trained_state(model), base_models_of(model), config, counts, also)


def write_checkpoint(
    folder: Path,
    trained: Mapping[str, torch.Tensor],
    base_models: Mapping[str, Mapping[str, Any]],
    config: Any,
    facts: Mapping[str, Any],
    also: Callable[[Path], None] | None = None,
) -> Path:
    """Write a checkpoint of no model that is at hand.

    Args:
        folder: the checkpoint's folder.
        trained: what it holds, by the model's names.
        base_models: name, class and fingerprint of each frozen model, by role; the fingerprint 'unknown' where it is.
        config: the resolved config.
        facts: what the description says besides: epoch, step, metrics, ...
        also: as :func:`save_checkpoint`.
    """
    # clones: safetensors refuses tensors that share memory
    state = {name: t.detach().cpu().clone().contiguous() for name, t in trained.items()}
    description = {
        'format_version': FORMAT_VERSION,
        'mmalm_version': mmalm.__version__,
        'trained': {n: {'shape': list(t.shape), 'dtype': str(t.dtype).split('.')[-1]} for n, t in state.items()},
        'base_models': plain(base_models),
        **facts,
        'config': plain(config),
    }
    with new_folder(folder) as temporary:
        save_file(state, temporary / WEIGHTS)
        if also is not None:
            also(temporary)
        write_json(temporary / DESCRIPTION, {**description, 'sha256': checksums(temporary)})
    return folder


def load_checkpoint(folder: str | Path, model: nn.Module, named: Callable[[str], str | None] = str) -> dict[str, Any]:
    """Put a checkpoint's weights into ``model``.

    Args:
        folder: a checkpoint's folder, or a link to one, as ``checkpoints/best``.
        model: must train exactly what the checkpoint holds, on the same base models.
        named: the checkpoint's name of what has this name in the model; None for what the checkpoint does not know.

    Returns:
        the checkpoint's description: epoch, step, metrics, config...

    Raises:
        MissingDataError: there is nothing at ``folder``.
        CheckpointError: not a checkpoint, damaged, or of another model; the message says what differs.
    """
    folder = as_folder(folder)
    description = verify(folder)
    state = read_tensors(folder / WEIGHTS)
    own = {key: tensor for name, tensor in trained_state(model).items() if (key := named(name)) is not None}
    bases = base_models_of(model)
    differences = _differences(state, own) + _base_differences(description['base_models'], bases)
    if differences:
        listed = '\n'.join(f'  - {line}' for line in differences)
        raise CheckpointError(
            f'{folder} is a checkpoint of another model:\n{listed}\n'
            'Use the config it was trained with (it stands in its mmalm.json), or a checkpoint of this config.'
        )
    with torch.no_grad():
        for name, tensor in own.items():
            tensor.copy_(state[name])
    _say_unknown(folder, description['base_models'], bases)
    return description


def base_models_of(model: nn.Module) -> dict[str, dict[str, Any]]:
    """The frozen models that ``model`` stands on; none for a model that does not say."""
    return plain(model.base_models()) if hasattr(model, 'base_models') else {}


def _differences(state: Mapping[str, torch.Tensor], own: Mapping[str, torch.Tensor]) -> list[str]:
    def some(names: set[str]) -> str:
        listed = sorted(names)
        return ', '.join(listed[:8]) + (f' and {len(listed) - 8} more' if len(listed) > 8 else '')

    lines = []
    if missing := own.keys() - state.keys():
        lines.append(f'the model trains, but the checkpoint lacks: {some(missing)}')
    if unexpected := state.keys() - own.keys():
        lines.append(f'the checkpoint holds, but the model does not train: {some(unexpected)}')
    for name in sorted(state.keys() & own.keys()):
        if state[name].shape != own[name].shape:
            lines.append(f'{name}: {list(state[name].shape)} in the checkpoint, {list(own[name].shape)} in the model')
    return lines


def _say_unknown(folder: Path, saved: Mapping[str, Any], own: Mapping[str, Any]) -> None:
    unknown = [role for role, base in saved.items() if base.get('fingerprint') == UNKNOWN]
    if unknown:
        taken = ''.join(f'\n  {role}: {saved[role].get("name")}, taken: {own[role].get("name")}' for role in unknown)
        warnings.warn(
            f'{folder} was converted and does not know the fingerprints of its base models: that they are the right ones is not '
            f'checked.{taken}',
            stacklevel=3,
        )


def _base_differences(saved: Mapping[str, Any], own: Mapping[str, Any]) -> list[str]:
    lines = []
    for role in sorted(saved.keys() | own.keys()):
        there, here = saved.get(role, {}), own.get(role, {})
        known = there.get('fingerprint') != UNKNOWN or not here
        if known and there.get('fingerprint') != here.get('fingerprint'):
            lines.append(f'{role}: {_base(there)} in the checkpoint, {_base(here)} in the model')
    return lines


def _base(entry: Mapping[str, Any]) -> str:
    return f'{entry.get("name", "?")} (fingerprint {str(entry.get("fingerprint"))[:12]})' if entry else 'none'
