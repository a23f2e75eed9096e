"""Everything a training run consists of, built and checked before the first step."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.device import get_device
from mmengine.evaluator import Evaluator
from torch import nn
from torch.utils.data import DataLoader

from mmalm.errors import ConfigError
from mmalm.registry import LOOPS, MODELS

from . import distributed
from .agreement import agree
from .checkpoint import load_checkpoint, read_description
from .data import DataBuilder
from .evaluation import build_evaluator
from .facade import Facade
from .optim_constructor import build_optim_wrapper
from .randomness import seed_everything
from .references import check_baselines, control_loaders
from .resuming import checkpoint_to_resume
from .runner import Runner, build_hook
from .settings import check_config, refuse_test_split, unwrapped
from .work_dir import make_room

NEEDED = ('model', 'train_dataloader', 'train_cfg', 'optim_wrapper')


@dataclass
class Run:
    """A run that is ready to train."""

    config: Config
    folder: Path
    model: nn.Module
    train_loader: DataLoader
    runner: Runner
    val_loader: DataLoader | None = None
    evaluator: Evaluator | None = None
    control_loaders: dict[str, DataLoader] = field(default_factory=dict)


def checked_config(config: Config, seed: int | None) -> Config:
    """A copy of the config with the seed of this run, after what can be checked without building anything.

    Raises:
        ConfigError: unknown or missing top-level keys, the test split where it must not be, no whole seed, a wrong baseline.
    """
    check_config(config, NEEDED)
    refuse_test_split(config)
    seed = config.get('seed', 0) if seed is None else seed
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ConfigError(f'seed={seed!r} must be a whole number from 0 on.')
    config = copy.deepcopy(config)
    config.seed = seed
    check_baselines(config.get('baselines'))
    return config


def set_up(config: Config, folder: Path, resume: bool | str | Path | None) -> Run:
    """Build model, data and runner.

    Args:
        config: from :func:`checked_config`.
        folder: the run's, held by this run.
        resume: see :func:`~.resuming.checkpoint_to_resume`.

    Raises:
        MmalmError: whatever is wrong with the config, the data or the checkpoint; cheap mistakes before slow work.
    """
    seed = config.seed
    checkpoint = distributed.broadcast(checkpoint_to_resume(folder, resume) if distributed.is_main() else None)
    starts_from = config.get('load_from') if checkpoint is None else None
    if starts_from:
        read_description(starts_from)  # before anything slow
    model = build_model(config, seed)
    if starts_from:
        load_checkpoint(starts_from, model)
    agree(model)
    if getattr(model, 'trainable_table', None) is not None:
        distributed.say(model.trainable_table.text())
    rehearse(config, model)
    data = DataBuilder(model, config.get('feature_cache'), seed)
    train_loader = data.loader(config.train_dataloader, 'train_dataloader')
    validation: dict[str, Any] = {}
    if config.get('val_dataloader') is not None:
        check_config(config, ('metrics',))
        validation = {
            'val_loader': data.loader(config.val_dataloader, 'val_dataloader'),
            'evaluator': build_evaluator(config.metrics),
        }
    controls = {}
    if validation:
        controls = control_loaders(config.get('controls'), data, config.val_dataloader, 'val_dataloader')
    make_room(folder, checkpoint)
    runner = Runner(
        model,
        folder,
        train_loader,
        config.train_cfg,
        config.optim_wrapper,
        **validation,
        param_scheduler=config.get('param_scheduler'),
        precision=config.get('precision', 'fp32'),
        default_hooks=config.get('default_hooks'),
        custom_hooks=config.get('custom_hooks'),
        visualizer=config.get('visualizer'),
        seed=seed,
        config=config,
        resume=checkpoint,
    )
    return Run(config, folder, model, train_loader, runner, **validation, control_loaders=controls)


def build_model(config: Mapping[str, Any], seed: int) -> nn.Module:
    """The config's model, its trained weights drawn with ``seed``, on the GPU where there is one."""
    seed_everything(seed)
    return MODELS.build(unwrapped(config['model']), key='model').to(get_device())


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
