"""MMEngine's Runner around a plain model: its hooks and loops, our checkpoints, and a quiet terminal."""

import itertools
import logging
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.evaluator import Evaluator
from mmengine.hooks import Hook
from mmengine.logging import MMLogger
from mmengine.runner import Runner as MMEngineRunner
from mmengine.visualization import Visualizer
from torch import nn
from torch.utils.data import DataLoader

from mmalm.errors import ConfigError
from mmalm.keys import DEFAULT_HOOKS
from mmalm.registry import HOOKS, LOOPS, PARAM_SCHEDULERS

from ..atomic import write_text
from . import distributed
from .checkpoint import load_checkpoint
from .facade import Facade
from .loops import TrainLoop, ValLoop
from .optim_constructor import build_optim_wrapper
from .randomness import process_seed, seed_everything
from .resuming import data_position, hook_states, load_hook_states, refuse_another_run
from .training_state import load_training_state

# MMEngine keeps its loggers and message hubs by name: two runs in one process must not share one
_run_number = itertools.count()


class Runner(MMEngineRunner):
    """Trains a model; any MMEngine hook works with it.

    Args:
        model: a plain module with ``loss(batch)`` and ``predict(batch)``.
        work_dir: where checkpoints and logs go.
        train_loader: training batches.
        train_cfg: ``dict(max_epochs=..., val_interval=1, val_begin=1)``; ``type`` chooses another loop.
        optim_wrapper: ``dict(optimizer=dict(type='AdamW', lr=...), groups=[...], accumulate=1, clip_norm=None)``.
        val_loader: validation batches, or None.
        evaluator: validation scores, with ``val_loader``.
        param_scheduler: a learning-rate schedule, or a list of them.
        precision: ``'fp32'``, ``'bf16'`` or ``'fp16'``.
        default_hooks: changes to the hooks every run has, by role; None leaves one out.
        custom_hooks: further hooks.
        visualizer: MMEngine's visualizer; TensorBoard by default.
        seed: of everything random.
        config: the resolved config, for the record.
        resume: checkpoint to go on from.
    """

    def __init__(
        self,
        model: nn.Module,
        work_dir: str | Path,
        train_loader: DataLoader,
        train_cfg: Mapping[str, Any],
        optim_wrapper: Mapping[str, Any],
        val_loader: DataLoader | None = None,
        evaluator: Evaluator | None = None,
        param_scheduler: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
        precision: str = 'fp32',
        default_hooks: Mapping[str, Any] | None = None,
        custom_hooks: Sequence[Mapping[str, Any] | Hook] | None = None,
        visualizer: Mapping[str, Any] | None = None,
        seed: int = 0,
        config: Config | None = None,
        resume: str | Path | None = None,
    ):
        self.precision = precision
        self.last_good: Path | None = None
        self.before_stop: Path | None = None
        if isinstance(param_scheduler, Mapping):
            param_scheduler = [param_scheduler]
        super().__init__(
            model=Facade(model, precision),
            work_dir=str(work_dir),
            train_dataloader=train_loader,
            train_cfg=dict(train_cfg),
            val_dataloader=val_loader,
            val_cfg=None if val_loader is None else {},
            val_evaluator=evaluator,
            optim_wrapper=dict(optim_wrapper),
            param_scheduler=list(param_scheduler or []),
            default_hooks=default_hooks,
            custom_hooks=custom_hooks,
            visualizer=visualizer,
            randomness={'seed': seed},
            experiment_name=f'run{next(_run_number)}',
            cfg=config,
            load_from=None if resume is None else str(resume),
            resume=resume is not None,
        )

    def say(self, text: str) -> None:
        """Print for the user, and keep it in the run's log file."""
        distributed.say(text)
        self.logger.info(text)

    @property
    def schedulers(self) -> list[Any]:
        return self.param_schedulers or []

    def position(self) -> dict[str, Any]:
        """Where the run stands, as JSON values; ``batch`` counts batches of an epoch that is not finished."""
        batch = self.iter - self.epoch * len(self._train_dataloader)
        return {
            'epoch': self.epoch,
            'step': self.iter,
            'batch': batch,
            'seed': self.seed,
            'stopped': self.train_loop.stop_training,
            'data': data_position(self._train_dataloader),
            'hooks': hook_states(self.hooks),
        }

    # --- what MMEngine's Runner calls while it is set up

    def setup_env(self, env_cfg: dict) -> None:
        """Nothing of the environment is changed; all processes log into one folder."""
        self._rank, self._world_size = distributed.rank(), distributed.world_size()
        stamp, number = time.strftime('%Y%m%d_%H%M%S'), 1
        name = stamp
        while (Path(self._work_dir) / name).exists():
            number += 1
            name = f'{stamp}_{number}'
        self._timestamp = distributed.broadcast(name)

    def set_randomness(self, seed: int, diff_rank_seed: bool = False, deterministic: bool = False) -> None:
        self._seed, self._deterministic = seed, deterministic
        seed_everything(process_seed(seed, distributed.rank()))

    def build_logger(self, log_level: int | str = 'INFO', log_file: str | None = None, **kwargs: Any) -> MMLogger:
        """The log goes to ``run.log``; the terminal gets warnings, and what :meth:`say` prints."""
        logger = super().build_logger(log_level, log_file or str(Path(self.log_dir) / 'run.log'), **kwargs)
        for handler in logger.handlers:
            if not isinstance(handler, logging.FileHandler):
                handler.setLevel(logging.WARNING)
        return logger

    def build_visualizer(self, visualizer: Any = None) -> Visualizer:
        return super().build_visualizer(
            dict(visualizer or {'type': 'Visualizer', 'vis_backends': [{'type': 'TensorboardVisBackend'}]})
        )

    def _log_env(self, env_cfg: dict) -> None:
        """Versions and hardware stand in results.json."""

    def dump_config(self) -> None:
        """The resolved config, as ``config.py``."""
        if self.cfg and distributed.is_main():
            write_text(Path(self.work_dir) / 'config.py', self.cfg.pretty_text)

    def register_default_hooks(self, hooks: Mapping[str, Any] | None = None) -> None:
        roles = {**DEFAULT_HOOKS, **(hooks or {})}
        for role, hook in roles.items():
            if hook is not None:
                self.register_hook(build_hook(hook, f'default_hooks.{role}'), _priority(hook))

    def register_custom_hooks(self, hooks: Sequence[Mapping[str, Any] | Hook]) -> None:
        for number, hook in enumerate(hooks):
            self.register_hook(build_hook(hook, f'custom_hooks.{number}'), _priority(hook))

    def build_train_loop(self, loop: Any) -> TrainLoop:
        arguments = {'type': 'TrainLoop', **loop}
        return LOOPS.build(arguments, key='train_cfg', runner=self, dataloader=self._train_dataloader)

    def build_val_loop(self, loop: Any) -> ValLoop:
        return ValLoop(self, self._val_dataloader, self._val_evaluator)

    def build_optim_wrapper(self, optim_wrapper: Any) -> Any:
        return build_optim_wrapper(self.model, optim_wrapper, self.precision)

    def build_param_scheduler(self, scheduler: Any) -> list[Any]:
        context = {'optimizer': self.optim_wrapper.optimizer, 'total_steps': self.max_iters}
        # one schedule may stand in the config without a list around it
        alone = isinstance((self.cfg or {}).get('param_scheduler'), Mapping)
        keys = ['param_scheduler' if alone else f'param_scheduler.{i}' for i in range(len(scheduler))]
        return [PARAM_SCHEDULERS.build(s, key=key, **context) for key, s in zip(keys, scheduler, strict=True)]

    # --- checkpoints

    def resume(
        self, filename: str, resume_optimizer: bool = True, resume_param_scheduler: bool = True, **_: Any
    ) -> None:
        """Go on from a checkpoint as if the run had never stopped.

        Raises:
            CheckpointError: no training state, or of another model, optimizer, schedule or data set.
        """
        folder = Path(filename)
        description = load_checkpoint(folder, self.model.module)
        position = load_training_state(folder, self.model.module, self.optim_wrapper, self.schedulers)
        refuse_another_run(folder, position, description.get('config') or {}, self, self._train_dataloader)
        loop = self.train_loop
        loop.epoch, loop.iter, loop.start = position['epoch'], position['step'], position['batch']
        loop.stop_training = position['stopped']
        self.last_good = folder.resolve()
        load_hook_states(self.hooks, self._of_this_folder(position['hooks']))
        self.call_hook('after_load_state')
        if loop.finished:
            self.say(
                f'This run is finished: {loop.epoch} of {self.max_epochs} epochs are done. Writing its results again.'
            )
            return
        within = f', and {loop.start} of {len(self._train_dataloader)} batches of the next' if loop.start else ''
        self.say(f'Resumed from {folder}: {loop.epoch} of {self.max_epochs} epochs are done{within}.')

    def _of_this_folder(self, states: Mapping[str, Any]) -> dict[str, Any]:
        # of a checkpoint from elsewhere, the best and the kept ones are not in this run's folder
        if self.last_good.parent == (Path(self.work_dir) / 'checkpoints').resolve():
            return dict(states)
        return {name: state for name, state in states.items() if name != 'CheckpointHook'}

    def load_checkpoint(self, filename: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Weights alone; see :func:`mmalm.engine.checkpoint.load_checkpoint`."""
        return load_checkpoint(filename, self.model.module)

    def save_checkpoint(self, *args: Any, **kwargs: Any) -> None:
        """MMEngine's pickled checkpoints are not written."""
        raise ConfigError("MMEngine's checkpoints are pickles. Use mmalm.engine.checkpoint.save_checkpoint.")


def build_hook(hook: Mapping[str, Any] | Hook, key: str) -> Hook:
    """A hook from its config node, whose ``priority`` is the runner's to read."""
    if isinstance(hook, Mapping):
        hook = {name: value for name, value in hook.items() if name != 'priority'}
    return HOOKS.build(hook, key=key)


def _priority(hook: Mapping[str, Any] | Hook) -> Any:
    return hook.get('priority') if isinstance(hook, Mapping) else None
