"""Scoring a checkpoint on the test split."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.evaluator import Evaluator
from torch.utils.data import DataLoader

from mmalm.config import plain
from mmalm.errors import ConfigError, MissingDataError
from mmalm.validation import check

from ..atomic import write_text
from ..datasets.submission import TABLE, write_submission
from ..pages import results_page
from ..pages.attention import Attention
from . import distributed
from .attention_file import attention_file, write_attention
from .baselines import run_baselines
from .bases import refuse_other_bases
from .checkpoint import load_checkpoint
from .checkpoint_files import read_description
from .controls import control_loaders, run_controls
from .data import DataBuilder, data_notes
from .evaluation import build_evaluator, evaluate
from .facade import Facade
from .judging import judging
from .parts import refuse_other_parts
from .placement import placed
from .results import answering, now, score_table, write_results
from .train import build_model
from .watching import Watch, check_watchable, watch

SPLITS = ('test', 'val', 'train')


def score_checkpoint(
    config: Config,
    checkpoint: str | Path,
    out: str | Path | None = None,
    split: str = 'test',
    page: bool = True,
    submission: str | Path | None = None,
    attention: bool = False,
) -> dict[str, Any]:
    """Score a checkpoint, print a table, and write the scores with all predictions, and a page of them.

    A split without answers is predicted, and has no scores.

    Args:
        config: the one the checkpoint was trained with.
        checkpoint: its folder.
        out: the JSON file; ``<checkpoint>_<split>.json`` beside the checkpoint where None. The page lies beside it.
        split: whose ``<split>_dataloader`` is read.
        page: write the page.
        submission: the file for an official server, where the data set makes one of predictions; JSON, or a table where it ends
            in .tsv and the data set has one.
        attention: the page shows what the prompt attends to, and a file beside it holds the numbers.

    Returns:
        what the JSON file holds; of several processes the main one writes it, and has the predictions.
    """
    started, began = time.perf_counter(), now()
    config = placed(config, checkpoint)
    key, model = check_scoring(config, split)
    if attention:
        check_watchable(model)
    description = read_description(checkpoint)  # before anything slow
    scoring = _prepare(config, checkpoint, key, model, description)
    dataset = scoring.loader.dataset
    if submission is not None:
        check_submission(dataset, Path(submission))
    results = {'started': began, 'split': split, **_score(scoring, config, split)}
    results['checkpoint'] = {
        'folder': str(checkpoint),
        **{name: scoring.description[name] for name in ('epoch', 'step')},
    }
    results['wall_seconds'] = round(time.perf_counter() - started, 2)
    if not distributed.is_main():
        return results
    file = Path(out) if out else Path(checkpoint).with_name(f'{Path(checkpoint).name}_{split}.json')
    written = write_results(file, results)
    print(f'Results: {file}', flush=True)
    if submission is not None:
        write_submission(Path(submission), dataset.submission(results['predictions']))
        print(f'For the server: {submission}', flush=True)
    if page:
        watching = _watching(scoring, config, key, file, written['predictions']) if attention else None
        write_page(file.with_suffix('.html'), written, dataset, config, watching)
    return written


def write_page(
    file: Path, results: Mapping[str, Any], dataset: Any, config: Config, attention: Watch | None = None
) -> None:
    """Write the page of results, and say where it is."""
    title = Path(config.filename).stem if config.filename else 'results'
    write_text(file, results_page(results, dataset, title, attention=attention))
    print(f'Page: {file}', flush=True)


def check_scoring(config: Config, split: str) -> tuple[str, Any]:
    """The key of the split's loader, and the model on the meta device, all that is cheap to check being right."""
    if split not in SPLITS:
        raise ConfigError(f'--split {split}: choose from {", ".join(SPLITS)}.')
    key = f'{split}_dataloader'
    fitted_on = ('train_dataloader', 'val_dataloader') if config.get('baselines') else ()
    return key, check(config, ('model', key, 'metrics', *fitted_on)).model


@dataclass
class _Scoring:
    """A checkpoint's model and all it is scored with."""

    description: dict[str, Any]
    facade: Facade
    data: DataBuilder
    loader: DataLoader
    control_loaders: dict[str, DataLoader]
    evaluator: Evaluator


def _prepare(config: Config, checkpoint: str | Path, key: str, bare: Any, described: dict[str, Any]) -> _Scoring:
    seed = config.get('seed', 0)
    try:
        model = build_model(config, seed)
    except MissingDataError as error:
        refuse_other_bases(checkpoint, described, bare, error)
        raise
    description = load_checkpoint(checkpoint, model)
    advice = 'Score it with the config it was trained with; --cfg-options sets what was set there: model.schedule.layer=3, for one.'
    refuse_other_parts(checkpoint, description.get('config'), config, advice)
    data = DataBuilder(model, config.get('feature_cache'), seed)
    return _Scoring(
        description,
        Facade(model, config.get('precision', 'fp32')),
        data,
        data.loader(config[key], key),
        control_loaders(config.get('controls'), data, config[key], key),
        build_evaluator(config.metrics),
    )


def _watching(
    scoring: _Scoring, config: Config, key: str, file: Path, predictions: Sequence[Mapping[str, Any]]
) -> Watch:
    """Gives the attention of samples, and writes it beside the results ``file``.

    Their media are perceived anew: cached features may be of another type, and hold no picture.
    """
    plain_data = DataBuilder(scoring.facade.module, None, config.get('seed', 0))

    def watched(places: Sequence[int]) -> Mapping[int, Attention]:
        found = watch(scoring.facade, plain_data.loader(config[key], key), places)
        write_attention(attention_file(file), found, predictions)
        print(f'Attention: {attention_file(file)}', flush=True)
        return found

    return watched


def _score(scoring: _Scoring, config: Config, split: str) -> dict[str, Any]:
    """Predict and score, and print the table; the scores and predictions for the results file."""
    evaluator, epoch = scoring.evaluator, scoring.description['epoch']
    scores, predictions = evaluate(scoring.facade, scoring.loader, evaluator, after=judging(evaluator))
    baselines, controls = {}, {}
    if scores:
        baselines = _baselines(scoring, config)
        controls = run_controls(scoring.control_loaders, scoring.facade, evaluator)
    print(f'{split} split, {len(predictions):,} samples, checkpoint of epoch {epoch}')
    columns = {'model': scores, **controls, **baselines}
    print(score_table(columns) if scores else 'No answers to compare with, so no scores.', flush=True)
    return {
        'samples': len(predictions),
        'notes': data_notes(**{split: scoring.loader}),
        'metrics': {split: scores},
        'baselines': {split: baselines},
        'controls': {split: controls},
        'answering': answering(config),
        'seed': config.get('seed', 0),
        'trained_with_seed': (scoring.description.get('config') or {}).get('seed'),
        'config': plain(config),
        'predictions': predictions,
    }


def _baselines(scoring: _Scoring, config: Config) -> dict[str, dict[str, float]]:
    if not config.get('baselines'):
        return {}
    fitted_on = [scoring.data.loader(config[name], name) for name in ('train_dataloader', 'val_dataloader')]
    return run_baselines(config['baselines'], scoring.facade.module, *fitted_on, scoring.loader, scoring.evaluator)


def check_submission(dataset: Any, file: Path) -> None:
    if hasattr(dataset, 'submission'):
        if file.suffix == TABLE and not getattr(dataset, 'submits_table', False):
            raise ConfigError(
                f'--submission {file}: the server of this data set takes JSON; name the file {file.stem}.json.'
            )
        return
    while hasattr(dataset, 'dataset'):  # of what stands around it to cache and to seed
        dataset = dataset.dataset
    raise ConfigError(
        f'--submission: {type(dataset).__name__} makes no file for an official server; leave --submission out.'
    )
