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

from mmalm.config import unwrapped
from mmalm.registry import MODELS
from mmalm.validation import check

from . import distributed
from .agreement import agree
from .controls import control_loaders
from .data import DataBuilder, close
from .evaluation import build_evaluator
from .facade import Facade
from .optim_constructor import build_optim_wrapper
from .placement import placed, refuse_other_models
from .randomness import seed_everything
from .resuming import checkpoint_to_resume
from .runner import Runner
from .starting import start_from, starting_points
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

    def close(self) -> None:
        """End what runs beside this process: workers that load data, writers of logs."""
        for loader in (self.train_loader, self.val_loader, *self.control_loaders.values()):
            close(loader)
        self.runner.visualizer.close()


def checked_config(config: Config, seed: int | None) -> Config:
    """A copy of the config with the seed of this run, after all that can be checked without weights and data.

    Raises:
        ConfigError: all faults of the config.
    """
    config = copy.deepcopy(placed(config))
    config.seed = config.get('seed', 0) if seed is None else seed
    check(config, NEEDED)
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
    # before anything slow
    starts_from = starting_points(config.get('load_from') if checkpoint is None else None)
    model = build_model(config, seed)
    refuse_other_models(config, model)
    start_from(starts_from, model)
    agree(model)
    if getattr(model, 'trainable_table', None) is not None:
        distributed.say(model.trainable_table.text())
    # whether this device can compute in this precision, before features are computed
    precision = config.get('precision', 'fp32')
    build_optim_wrapper(Facade(model, precision), config['optim_wrapper'], precision)
    data = DataBuilder(model, config.get('feature_cache'), seed)
    train_loader = data.loader(config.train_dataloader, 'train_dataloader')
    validation: dict[str, Any] = {}
    if config.get('val_dataloader') is not None:
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
        precision=precision,
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
