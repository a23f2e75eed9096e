"""A whole training run: from a config to a results.json."""

import time
from pathlib import Path
from typing import Any

from mmengine.config import Config

from .report import report, write_once
from .results import now
from .setup import Run, build_model, checked_config, set_up
from .work_dir import default_work_dir, run_folder

__all__ = ['build_model', 'default_work_dir', 'train']


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
        resume: a checkpoint to go on from, or True for the newest whole one in ``work_dir``; without one, the run starts anew.
        seed: replaces the config's.

    Returns:
        what results.json holds.
    """
    started, began = time.perf_counter(), now()
    folder = Path(str(work_dir or config.get('work_dir') or default_work_dir(config)))
    # first of all, since it takes no time: whether there can be a run in this folder
    with run_folder(folder):
        run = set_up(checked_config(config, seed), folder, resume)
        try:
            fit(run)
            results = {'started': began, **report(run), 'wall_seconds': round(time.perf_counter() - started, 2)}
        finally:
            run.close()
        written = write_once(folder / 'results.json', results)
        run.runner.say(f'\n{results["wall_seconds"]:.0f} s. Results: {folder / "results.json"}')
    return written


def fit(run: Run) -> None:
    """Train to the end; on Ctrl-C say how to go on."""
    runner, loader = run.runner, run.train_loader
    held_out = '' if run.val_loader is None else f', {len(run.val_loader.dataset):,} for validation'
    runner.say(
        f'{len(loader.dataset):,} training samples{held_out}; {runner.precision} on {runner.model.device}'
        f'{_processes(runner.world_size)}; seed {runner.seed}; {run.folder}'
    )
    try:
        runner.train()
    except KeyboardInterrupt:
        if runner.last_good is not None:
            runner.say(f'Stopped in epoch {runner.epoch + 1}. Go on with --resume; saved: {runner.last_good}.')
        raise


def _processes(count: int) -> str:
    return f' in {count} processes' if count > 1 else ''
