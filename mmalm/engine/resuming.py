"""Going on with a run: from which checkpoint, and whether it is of the same run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch.utils.data import DataLoader

from mmalm.config import plain
from mmalm.errors import CheckpointError, ConfigError

from . import distributed
from .checkpoint_files import verify
from .parts import refuse_other_parts
from .sampler import EpochBatches
from .shelf import newest_whole

EARLY_STOPPING = 'EarlyStoppingHook'  # MMEngine's, which has no way of its own to be saved
STATE_OF = {EARLY_STOPPING: ('wait_count', 'best_score')}


def checkpoint_to_resume(folder: Path, resume: bool | str | Path | None) -> Path | None:
    """The checkpoint a run goes on from; None where it starts anew.

    Args:
        folder: the run's.
        resume: a checkpoint, True for the newest whole one in ``folder``, None or False for none.

    Raises:
        MissingDataError, CheckpointError: the named checkpoint is not there, or damaged; or none in ``folder`` is whole.
    """
    if resume is None or resume is False:
        return None
    if resume is not True:
        verify(Path(resume))
        return Path(resume)
    newest, faults = newest_whole(folder / 'checkpoints')
    for fault in faults:
        distributed.say(fault)
    if newest is None:
        distributed.say(f'Nothing to resume in {folder}: there is no checkpoint yet. Starting anew.')
    elif faults:
        distributed.say(f'Going on from {newest} instead.')
    return newest


def data_position(loader: DataLoader) -> dict[str, Any]:
    """What the order of a loader's samples depends on beside seed and epoch, as JSON values."""
    batches = loader.batch_sampler
    if not isinstance(batches, EpochBatches):
        return {'samples': len(loader.dataset), 'batch_size': loader.batch_size}
    return {
        'samples': batches.order.size,
        'batch_size': batches.batch_size,
        'shuffle': batches.order.shuffle,
        'drop_last': batches.drop_last,
    }


def hook_states(hooks: list[Any]) -> dict[str, Any]:
    """The state of every hook that has one, as JSON values: ``state()`` and ``load_state(state)`` are its methods."""
    states = {}
    for key, hook in _named(hooks):
        if hasattr(hook, 'state') and hasattr(hook, 'load_state'):
            states[key] = hook.state()
        elif type(hook).__name__ in STATE_OF:
            states[key] = {name: getattr(hook, name) for name in STATE_OF[type(hook).__name__]}
    return states


def load_hook_states(hooks: list[Any], states: Mapping[str, Any]) -> None:
    """Give every hook the state that :func:`hook_states` took of it."""
    for key, hook in _named(hooks):
        if key not in states:
            continue
        if hasattr(hook, 'load_state'):
            hook.load_state(states[key])
        else:
            vars(hook).update(states[key])


def _named(hooks: list[Any]) -> list[tuple[str, Any]]:
    names, seen = [], {}
    for hook in hooks:
        kind = type(hook).__name__
        seen[kind] = seen.get(kind, 0) + 1
        names.append((kind if seen[kind] == 1 else f'{kind}.{seen[kind]}', hook))
    return names


def refuse_another_run(
    folder: Path, position: Mapping[str, Any], saved: Mapping[str, Any], runner: Any, loader: DataLoader
) -> None:
    """Refuse to go on with what would not be the same run.

    Args:
        folder: the checkpoint's.
        position: where it was saved.
        saved: the config it was saved with.
        runner: the run that is to go on.
        loader: its training batches.

    Raises:
        CheckpointError: the data, the batches, or parts of the model are others.
        ConfigError: other optimizer settings or schedule, another placement, or another seed.
    """
    # optimizer and schedule go on with what was saved: a changed value would be ignored without a word
    for key in ('optim_wrapper', 'param_scheduler'):
        own = plain(runner.cfg.get(key))
        if key in saved and saved[key] != own:
            raise ConfigError(
                f'{folder} was saved with {key}={saved[key]}, the config has {own}. Resume with the settings the run was '
                'started with, or start a new run from its weights: load_from=<checkpoint>.'
            )
    places = [(config.get('placement') or {}).get('layers') for config in (saved, runner.cfg)]
    if saved and places[0] != places[1]:
        raise ConfigError(
            f'{folder} was trained with the prompt placed at layers {places[0]}, this run has {places[1]} (None: where the config '
            'has it). Resume with the placement the run was started with.'
        )
    advice = (
        'Resume with the model the run was started with, or start a new run from its weights: load_from=<checkpoint>.'
    )
    refuse_other_parts(folder, saved, runner.cfg, advice)
    steps = position['epoch'] * len(loader)
    if position['step'] - position['batch'] != steps:
        raise CheckpointError(
            f'{folder} was saved after {position["step"] - position["batch"]} steps in {position["epoch"]} epochs, but by '
            f'this config that many epochs have {steps}. Resume with the data and batch size the run was started with.'
        )
    own = data_position(loader)
    if position['data'] != own:
        raise CheckpointError(
            f'{folder} was saved in a run over {position["data"]}, this one has {own}. Resume with the data and batch '
            'size the run was started with.'
        )
    if position['seed'] != runner.seed:
        raise ConfigError(f'{folder} is of a run with seed {position["seed"]}, this one has {runner.seed}.')
