"""A whole training run: from a config to a results.json."""

import copy
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.device import get_device
from torch import nn

from mmalm.config import plain
from mmalm.errors import ConfigError, MissingDataError
from mmalm.registry import LOOPS, MODELS

from .checkpoint import load_checkpoint, read_description
from .data import DataBuilder
from .evaluation import build_evaluator, evaluate
from .facade import Facade
from .optim_constructor import build_optim_wrapper
from .randomness import seed_everything
from .references import check_baselines, control_loaders, run_baselines, run_controls
from .results import now, score_table, write_results
from .runner import Runner, build_hook
from .settings import check_config, refuse_test_split, unwrapped

NEEDED = ('model', 'train_dataloader', 'train_cfg', 'optim_wrapper')


def train(
    config: Config,
    work_dir: str | Path | None = None,
    resume: bool | str | Path | None = None,
    seed: int | None = None,
) -> dict[str, Any]:
    """Train, score the best checkpoint on the validation split, and write ``results.json``.

    Args:
        config: as :func:`mmalm.config.load_config` gives it.
        work_dir: where the run is written; the config's ``work_dir``, or ``work_dirs/<config name>``, where None.
        resume: a checkpoint to go on from, or True for the last one in ``work_dir``.
        seed: replaces the config's.

    Returns:
        what results.json holds.
    """
    started, began = time.perf_counter(), now()
    check_config(config, NEEDED)
    refuse_test_split(config)
    seed = config.get('seed', 0) if seed is None else seed
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ConfigError(f'seed={seed!r} must be a whole number from 0 on.')
    config = copy.deepcopy(config)
    config.seed = seed
    folder = Path(work_dir or config.get('work_dir') or default_work_dir(config))
    checkpoint = _checkpoint_to_resume(folder, resume)
    for needed in (checkpoint, config.get('load_from')):
        if needed is not None:
            read_description(needed)  # before anything slow
    check_baselines(config.get('baselines'))

    model = build_model(config, seed)
    if config.get('load_from') and checkpoint is None:
        load_checkpoint(config.load_from, model)
    if getattr(model, 'trainable_table', None) is not None:
        print(model.trainable_table.text(), flush=True)
    rehearse(config, model)
    data = DataBuilder(model, config.get('feature_cache'), seed)
    train_loader = data.loader(config.train_dataloader, 'train_dataloader')
    val_loader = evaluator = None
    if config.get('val_dataloader') is not None:
        check_config(config, ('metrics',))
        val_loader = data.loader(config.val_dataloader, 'val_dataloader')
        evaluator = build_evaluator(config.metrics)
        control_data = control_loaders(config.get('controls'), data, config.val_dataloader, 'val_dataloader')
    if checkpoint is None:
        _set_aside_earlier_run(folder)
    runner = Runner(
        model,
        folder,
        train_loader,
        config.train_cfg,
        config.optim_wrapper,
        val_loader=val_loader,
        evaluator=evaluator,
        param_scheduler=config.get('param_scheduler'),
        precision=config.get('precision', 'fp32'),
        default_hooks=config.get('default_hooks'),
        custom_hooks=config.get('custom_hooks'),
        visualizer=config.get('visualizer'),
        seed=seed,
        config=config,
        resume=checkpoint,
    )
    held_out = '' if val_loader is None else f', {len(val_loader.dataset):,} for validation'
    runner.say(
        f'{len(train_loader.dataset):,} training samples{held_out}; {runner.precision} on {runner.model.device}; '
        f'seed {seed}; {folder}'
    )
    try:
        runner.train()
    except KeyboardInterrupt:
        if runner.last_good is not None:
            runner.say(f'Stopped in epoch {runner.epoch + 1}. Go on with --resume; saved: {runner.last_good}.')
        raise

    table = getattr(model, 'trainable_table', None)
    results: dict[str, Any] = {
        'started': began,
        'seed': seed,
        'epochs': runner.epoch,
        'steps': runner.iter,
        'trainable': None if table is None else table.as_dict(),
    }
    chosen = _load_chosen(folder, model)
    if chosen is not None:
        results['checkpoint'] = {key: chosen[key] for key in ('name', 'epoch', 'step')}
    if val_loader is not None:
        # the chosen checkpoint was scored when it was saved
        scores = (chosen or {}).get('metrics') or evaluate(runner.model, val_loader, evaluator)[0]
        baselines = run_baselines(config.get('baselines'), model, train_loader, val_loader, val_loader)
        controls = run_controls(control_data, runner.model, evaluator)
        results |= {'metrics': {'val': scores}, 'baselines': {'val': baselines}, 'controls': {'val': controls}}
        runner.say('\nvalidation\n' + score_table({'model': scores, **controls, **baselines}))
    results |= {'wall_seconds': round(time.perf_counter() - started, 2), 'config': plain(config)}
    written = write_results(folder / 'results.json', results)
    runner.say(f'\n{results["wall_seconds"]:.0f} s. Results: {folder / "results.json"}')
    return written


def rehearse(config: Mapping[str, Any], model: nn.Module) -> None:
    """Build what is cheap once and throw it away, so that a mistake shows before features are computed.

    Raises:
        ConfigError: a wrong training loop, optimizer or hook.
    """
    LOOPS.build({'type': 'TrainLoop', **config['train_cfg']}, key='train_cfg', runner=None, dataloader=[None])
    precision = config.get('precision', 'fp32')
    build_optim_wrapper(Facade(model, precision), config['optim_wrapper'], precision)
    hooks = {f'default_hooks.{role}': hook for role, hook in (config.get('default_hooks') or {}).items() if hook}
    hooks |= {f'custom_hooks.{i}': hook for i, hook in enumerate(config.get('custom_hooks') or ())}
    for key, hook in hooks.items():
        build_hook(hook, key)


def _load_chosen(folder: Path, model: nn.Module) -> dict[str, Any] | None:
    """Put the run's best checkpoint into the model, or else its last; returns the checkpoint's description."""
    for name in ('best', 'last'):
        checkpoint = folder / 'checkpoints' / name
        if checkpoint.exists():
            return {'name': name, **load_checkpoint(checkpoint, model)}
    return None


def build_model(config: Mapping[str, Any], seed: int) -> nn.Module:
    """The config's model, its trained weights drawn with ``seed``, on the GPU where there is one."""
    seed_everything(seed)
    return MODELS.build(unwrapped(config['model']), key='model').to(get_device())


def default_work_dir(config: Config) -> Path:
    """``work_dirs/<config name>``"""
    return Path('work_dirs') / (Path(config.filename).stem if config.filename else 'run')


def _checkpoint_to_resume(folder: Path, resume: bool | str | Path | None) -> Path | None:
    if resume is None or resume is False:
        return None
    if resume is not True:
        return Path(resume)
    last = folder / 'checkpoints' / 'last'
    if not last.exists():
        raise MissingDataError(
            f'Nothing to resume: there is no {last}. Leave --resume out to start anew, or name a checkpoint.'
        )
    return last


def _set_aside_earlier_run(folder: Path) -> None:
    """Checkpoints of an earlier run must not be taken for this one's."""
    earlier = folder / 'checkpoints'
    if earlier.exists():
        number = 1
        while (aside := folder / f'checkpoints.{number}').exists():
            number += 1
        earlier.rename(aside)
        print(f'The checkpoints of an earlier run in {folder} are kept as {aside}.', flush=True)
