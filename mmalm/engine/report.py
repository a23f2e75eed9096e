"""What a finished training run came to: the chosen checkpoint's scores beside baselines and controls."""

from pathlib import Path
from typing import Any

from torch import nn

from mmalm.config import plain

from . import distributed
from .baselines import run_baselines
from .checkpoint import load_checkpoint
from .controls import run_controls
from .data import data_notes
from .evaluation import evaluate
from .hooks.scalars import step_seconds
from .results import answering, score_table, write_results
from .setup import Run


def report(run: Run) -> dict[str, Any]:
    """Load the run's best checkpoint and say how it does on the validation split.

    Returns:
        the content of results.json but for the times, in every process.
    """
    runner, table = run.runner, getattr(run.model, 'trainable_table', None)
    distributed.wait_for_all()  # for the last checkpoint
    results: dict[str, Any] = {
        'seed': run.config.seed,
        'epochs': runner.epoch,
        'steps': runner.iter,
        'step_seconds': step_seconds(runner),
        'notes': data_notes(train=run.train_loader, val=run.val_loader),
        'answering': answering(run.config),
        'trainable': None if table is None else table.as_dict(),
    }
    chosen = _load_chosen(run.folder, run.model)
    if chosen is not None:
        results['checkpoint'] = {key: chosen[key] for key in ('name', 'epoch', 'step')}
    if run.val_loader is not None:
        # the chosen checkpoint was scored when it was saved
        scores = (chosen or {}).get('metrics') or evaluate(runner.model, run.val_loader, run.evaluator)[0]
        loaders = (run.train_loader, run.val_loader, run.val_loader)
        baselines = run_baselines(run.config.get('baselines'), run.model, *loaders, run.evaluator)
        controls = run_controls(run.control_loaders, runner.model, run.evaluator)
        results |= {'metrics': {'val': scores}, 'baselines': {'val': baselines}, 'controls': {'val': controls}}
        runner.say('\nvalidation\n' + score_table({'model': scores, **controls, **baselines}))
    return {**results, 'config': plain(run.config)}


def write_once(file: Path, results: dict[str, Any]) -> dict[str, Any]:
    """Write results by the main process; returns in every process what was written."""
    return distributed.broadcast(write_results(file, results) if distributed.is_main() else None)


def _load_chosen(folder: Path, model: nn.Module) -> dict[str, Any] | None:
    """Put the run's best checkpoint into the model, or else its last; returns the checkpoint's description."""
    for name in ('best', 'last'):
        checkpoint = folder / 'checkpoints' / name
        if checkpoint.exists():
            return {'name': name, **load_checkpoint(checkpoint, model)}
    return None
