"""Scoring a checkpoint on the test split."""

import time
from pathlib import Path
from typing import Any

from mmengine.config import Config

from mmalm.config import plain
from mmalm.errors import ConfigError

from .checkpoint import load_checkpoint, read_description
from .data import DataBuilder
from .evaluation import build_evaluator, evaluate
from .facade import Facade
from .references import check_baselines, control_loaders, run_baselines, run_controls
from .results import now, score_table, write_results
from .settings import check_config, refuse_test_split
from .train import build_model

SPLITS = ('test', 'val', 'train')


def score_checkpoint(
    config: Config, checkpoint: str | Path, out: str | Path | None = None, split: str = 'test'
) -> dict[str, Any]:
    """Score a checkpoint, print a table, and write the scores with all predictions.

    Args:
        config: the one the checkpoint was trained with.
        checkpoint: its folder.
        out: the JSON file; ``<checkpoint>_<split>.json`` beside the checkpoint where None.
        split: whose ``<split>_dataloader`` is read.

    Returns:
        what the JSON file holds.
    """
    started, began = time.perf_counter(), now()
    if split not in SPLITS:
        raise ConfigError(f'--split {split}: choose from {", ".join(SPLITS)}.')
    key = f'{split}_dataloader'
    check_config(config, ('model', key, 'metrics'))
    refuse_test_split(config)
    check_baselines(config.get('baselines'))
    read_description(checkpoint)  # before anything slow
    seed = config.get('seed', 0)
    model = build_model(config, seed)
    description = load_checkpoint(checkpoint, model)
    data = DataBuilder(model, config.get('feature_cache'), seed)
    loader = data.loader(config[key], key)
    control_data = control_loaders(config.get('controls'), data, config[key], key)
    facade = Facade(model, config.get('precision', 'fp32'))
    evaluator = build_evaluator(config.metrics)
    scores, predictions = evaluate(facade, loader, evaluator)
    baselines = config.get('baselines') or ()
    references: dict[str, dict[str, float]] = {}
    if baselines:
        check_config(config, ('train_dataloader', 'val_dataloader'))
        fitted_on = [data.loader(config[name], name) for name in ('train_dataloader', 'val_dataloader')]
        references = run_baselines(baselines, model, *fitted_on, loader)
    controls = run_controls(control_data, facade, evaluator)
    print(f'{split} split, {len(predictions):,} samples, checkpoint of epoch {description["epoch"]}')
    print(score_table({'model': scores, **controls, **references}), flush=True)
    file = Path(out) if out else Path(checkpoint).with_name(f'{Path(checkpoint).name}_{split}.json')
    results = {
        'started': began,
        'split': split,
        'samples': len(predictions),
        'checkpoint': {'folder': str(checkpoint), 'epoch': description['epoch'], 'step': description['step']},
        'metrics': {split: scores},
        'baselines': {split: references},
        'controls': {split: controls},
        'seed': seed,
        'trained_with_seed': (description.get('config') or {}).get('seed'),
        'wall_seconds': round(time.perf_counter() - started, 2),
        'config': plain(config),
        'predictions': predictions,
    }
    written = write_results(file, results)
    print(f'Results: {file}', flush=True)
    return written
