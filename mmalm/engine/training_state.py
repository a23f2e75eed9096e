"""What a run needs to go on as if it had never stopped: optimizer, schedule, random numbers, position.

It stands beside the weights in a checkpoint's folder, as ``training_state.safetensors`` and ``training_state.json``.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from mmalm.config import plain
from mmalm.errors import CheckpointError

from ..atomic import write_json
from . import distributed
from .checkpoint_files import read_json, read_tensors
from .randomness import RandomState, process_seed, random_state, seed_everything, set_random_state

TENSORS = 'training_state.safetensors'
VALUES = 'training_state.json'


def save_training_state(
    folder: Path,
    model: nn.Module,
    optim_wrapper: Any,
    schedulers: Sequence[Any],
    position: Mapping[str, Any],
    randomness: Sequence[RandomState] | None = None,
) -> None:
    """Write the training state into a checkpoint's folder.

    Args:
        folder: the checkpoint's (temporary) folder.
        model: names the optimizer's parameters.
        optim_wrapper: its optimizer and, for float16, its loss scaler.
        schedulers: the learning-rate schedules.
        position: epoch, step, the sampler's seed and position, best score: JSON values.
        randomness: each process's :func:`~.randomness.random_state`; this one's alone where None.
    """
    names = {id(p): name for name, p in model.named_parameters()}
    tensors: dict[str, Tensor] = {}
    values: dict[str, dict[str, Any]] = {}
    for parameter, state in optim_wrapper.optimizer.state.items():
        for key, value in state.items():
            if isinstance(value, Tensor):
                tensors[f'optimizer/{names[id(parameter)]}/{key}'] = value.detach().cpu().clone().contiguous()
            else:
                values.setdefault(names[id(parameter)], {})[key] = value
    groups = [
        {**{k: v for k, v in group.items() if k != 'params'}, 'params': [names[id(p)] for p in group['params']]}
        for group in optim_wrapper.optimizer.param_groups
    ]
    states = [random_state()] if randomness is None else randomness
    for rank, (random_tensors, _) in enumerate(states):
        tensors |= {f'random/{rank}/{key}': value for key, value in random_tensors.items()}
    save_file(tensors, folder / TENSORS)
    content = {
        'position': position,
        'optimizer': {'groups': groups, 'values': values},
        'scaler': optim_wrapper.scaler.state_dict() if hasattr(optim_wrapper, 'scaler') else {},
        'schedulers': [scheduler.state_dict() for scheduler in schedulers],
        'random': [values for _, values in states],
    }
    write_json(folder / VALUES, plain(content))


def load_training_state(
    folder: Path, model: nn.Module, optim_wrapper: Any, schedulers: Sequence[Any]
) -> dict[str, Any]:
    """Put a run back where it was saved; returns the position.

    A process that the run did not have when it was saved draws its random numbers anew, from seed, step and rank.

    Raises:
        CheckpointError: no training state in ``folder``, or one of another optimizer or schedule.
    """
    if not (folder / VALUES).is_file():
        raise CheckpointError(
            f'{folder} holds weights but no training state, so training cannot be resumed from it. '
            'Only the newest two checkpoints of a run keep it: resume from checkpoints/last.'
        )
    content, tensors = read_json(folder / VALUES), read_tensors(folder / TENSORS)
    _load_optimizer(folder, model, optim_wrapper.optimizer, content['optimizer'], _below(tensors, 'optimizer/'))
    if content['scaler']:
        optim_wrapper.scaler.load_state_dict(content['scaler'])
    if len(content['schedulers']) != len(schedulers):
        raise CheckpointError(
            f'{folder} was saved with {len(content["schedulers"])} learning-rate schedules, the config has '
            f'{len(schedulers)}. Resume with the config the run was started with.'
        )
    for scheduler, state in zip(schedulers, content['schedulers'], strict=True):
        scheduler.load_state_dict(state)
    rank, position = distributed.rank(), content['position']
    if rank < len(content['random']):
        set_random_state(_below(tensors, f'random/{rank}/'), content['random'][rank])
    else:
        seed_everything(process_seed(position['seed'] + position['step'], rank))
    return position


def _load_optimizer(
    folder: Path, model: nn.Module, optimizer: torch.optim.Optimizer, saved: dict[str, Any], tensors: dict[str, Tensor]
) -> None:
    names = {id(p): name for name, p in model.named_parameters()}
    own = [[names[id(p)] for p in group['params']] for group in optimizer.param_groups]
    there = [group['params'] for group in saved['groups']]
    if own != there:
        raise CheckpointError(
            f'{folder} was saved with other optimizer groups: {[len(g) for g in there]} parameters a group, the config '
            f'has {[len(g) for g in own]}. Resume with the config the run was started with.'
        )
    state: dict[str, dict[str, Any]] = {name: dict(values) for name, values in saved['values'].items()}
    for key, tensor in tensors.items():
        name, _, entry = key.rpartition('/')
        state.setdefault(name, {})[entry] = tensor
    order = [name for group in own for name in group]
    groups, first = [], 0
    for group in saved['groups']:
        # JSON has no tuples, optimizers want betas as one
        settings = {k: tuple(v) if isinstance(v, list) else v for k, v in group.items()}
        groups.append({**settings, 'params': list(range(first, first + len(group['params'])))})
        first += len(group['params'])
    optimizer.load_state_dict(
        {'state': {i: state[name] for i, name in enumerate(order) if name in state}, 'param_groups': groups}
    )


def _below(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
