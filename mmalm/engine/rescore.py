"""Scoring predictions again that a test has saved, without running the model."""

import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config

from mmalm.config import ABSENT, differences, plain, unwrapped
from mmalm.datasets.blind import blind
from mmalm.encoders.modalities import INPUTS
from mmalm.errors import ConfigError, MissingDataError
from mmalm.registry import MODELS

from ..atomic import write_json
from .data import DataBuilder
from .evaluation import build_evaluator
from .judging import judging
from .results import now, score_table, write_results
from .score import check_scoring, check_submission, write_page
from .seeded_samples import SeededSamples

BATCH = 64


def rescore(
    config: Config,
    predictions: str | Path,
    out: str | Path | None = None,
    split: str = 'test',
    page: bool = True,
    submission: str | Path | None = None,
) -> dict[str, Any]:
    """Score saved predictions with the config's metrics; no weights are read.

    Args:
        config: the one they were made with; its metrics may be others.
        predictions: the JSON file that ``tools/test.py`` wrote.
        out: the JSON file; ``<predictions>_rescored.json`` where None.
        split: whose ``<split>_dataloader`` they are of.
        page: write the page.
        submission: the file for an official server, where the data set makes one of predictions.

    Returns:
        what the JSON file holds. Baselines and controls, which take a model, are not in it.

    Raises:
        MissingDataError: there is no such file.
        ConfigError: it holds no predictions, or those of another split, model or data set, or of other samples.
    """
    started, began = time.perf_counter(), now()
    saved = read_predictions(predictions)
    key, _ = check_scoring(config, split)
    _check_same(saved, config, split, key, predictions)
    with torch.device('meta'):
        model = MODELS.build(unwrapped(config['model']), key='model')
    seed = config.get('seed', 0)
    dataset = DataBuilder(model, None, seed).dataset(config[key], key)
    if submission is not None:
        check_submission(dataset)
    samples = SeededSamples(blind(dataset), seed)
    asked = [_without_input(samples[i]) for i in range(len(dataset))]
    made = in_order([sample['id'] for sample in asked], saved['predictions'])
    scores = _score(config, asked, made)
    print(f'{split} split, {len(made):,} predictions of {predictions}')
    print(score_table({'model': scores}) if scores else 'No answers to compare with, so no scores.', flush=True)
    kept = ('split', 'samples', 'notes', 'seed', 'trained_with_seed', 'checkpoint', 'answering')
    results = {
        'started': began,
        **{name: saved[name] for name in kept if name in saved},
        'metrics': {split: scores},
        'rescored_from': str(predictions),
        'config': plain(config),
        'predictions': made,
        'wall_seconds': round(time.perf_counter() - started, 2),
    }
    source = Path(predictions)
    file = Path(out) if out else source.with_name(f'{source.stem}_rescored.json')
    written = write_results(file, results)
    print(f'Results: {file}', flush=True)
    if submission is not None:
        write_json(Path(submission), dataset.submission(made))
        print(f'For the server: {submission}', flush=True)
    if page:
        write_page(file.with_suffix('.html'), written, dataset, config)
    return written


def read_predictions(file: str | Path) -> dict[str, Any]:
    """A results file with predictions.

    Raises:
        MissingDataError: there is none.
        ConfigError: it is something else, or damaged.
    """
    try:
        content = json.loads(Path(file).read_text(encoding='utf-8'))
    except OSError as error:
        raise MissingDataError(f'{file} cannot be read: {error.strerror or error}.') from error
    except ValueError as error:
        raise ConfigError(f'{file} is no JSON file: {error}.') from error
    found = content.get('predictions') if isinstance(content, Mapping) else None
    if not isinstance(found, list) or not all(isinstance(one, Mapping) and 'id' in one for one in found):
        raise ConfigError(f'{file} holds no predictions. Give the JSON file that tools/test.py wrote.')
    return dict(content)


def in_order(ids: Sequence[str], predictions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The predictions in the order of the data set's ``ids``.

    Raises:
        ConfigError: predictions are missing, unknown or there twice.
    """
    asked, given = Counter(map(str, ids)), Counter(str(one['id']) for one in predictions)
    for faults, what in (
        (asked - given, 'samples have no prediction'),
        (given - asked, 'predictions are of no sample'),
    ):
        if faults:
            raise ConfigError(
                f'{sum(faults.values()):,} {what}, such as {", ".join(list(faults)[:5])}. '
                'The file must hold the predictions of this data set, all of them, once each.'
            )
    by_id: dict[str, list[Mapping[str, Any]]] = {}
    for prediction in predictions:
        by_id.setdefault(str(prediction['id']), []).append(prediction)
    return [dict(by_id[str(name)].pop(0)) for name in ids]


def _check_same(saved: Mapping[str, Any], config: Config, split: str, key: str, file: str | Path) -> None:
    if saved.get('split') != split:
        raise ConfigError(
            f'{file} holds predictions of the {saved.get("split")!r} split, not of {split!r}: see --split.'
        )
    made_with = saved.get('config') or {}
    own = plain(config)
    apart = [
        *differences(made_with.get('model'), own.get('model'), 'model'),
        *differences((made_with.get(key) or {}).get('dataset'), own[key].get('dataset'), f'{key}.dataset'),
    ]
    # what is left out and what is None are the same to components
    apart = [one for one in apart if any(value not in (None, ABSENT) for value in one[1:])]
    if apart:
        lines = ''.join(f'\n  {path}: {there!r} in the file, {here!r} in the config' for path, there, here in apart[:8])
        raise ConfigError(f'{file} was made with another model or other data than the config has:{lines}')


def _without_input(sample: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in sample.items() if name not in INPUTS.values()}


def _score(config: Config, samples: list[dict], made: list[dict]) -> dict[str, float]:
    evaluator = build_evaluator(config.metrics)
    judge = judging(evaluator)
    for start in range(0, len(made), BATCH):
        part = made[start : start + BATCH]
        asked = samples[start : start + BATCH]
        batch = {name: [sample[name] for sample in asked] for name in asked[0] if all(name in one for one in asked)}
        evaluator.process(data_samples=part, data_batch=batch)
        judge(start, batch, part)
    return {name: float(value) for name, value in evaluator.evaluate(len(made)).items()}
