"""What a score is set against: baselines on the frozen features, fitted on the training split."""

from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any

from mmengine.evaluator import Evaluator
from torch import nn
from torch.utils.data import DataLoader

from mmalm.registry import BASELINES

from . import distributed
from .asked import Asked, Kind, asked_of

Split = Mapping[Kind, Asked]


def run_baselines(
    baselines: Sequence[Mapping[str, Any]] | None,
    model: nn.Module,
    train: DataLoader,
    val: DataLoader,
    scored: DataLoader,
    evaluator: Evaluator,
) -> dict[str, dict[str, float]]:
    """Each baseline's score on each task that it can answer, and over all of them.

    Args:
        baselines: configs of the registry of baselines; each is fitted a task on the features of ``train``, its own
            settings chosen on ``val``.
        model: its encoder gives the features where the loaders give pictures.
        train, val: loaders of the training and validation split.
        scored: loader of the split that is reported.
        evaluator: its metrics score what a baseline writes.

    Returns:
        ``{baseline: {'ranked/overall': ..., 'ranked/<task>': ...}}``, named as the metric names the model's own: accuracy of closed
        questions; of open ones what the metrics say of a baseline's texts. A task without samples in the training or
        validation split has no score, and then there is none over all tasks either. Of several processes the main one works
        them out, on all samples.
    """
    if not baselines:
        return {}
    report = _score_baselines(baselines, model, train, val, scored, evaluator) if distributed.is_main() else None
    return distributed.broadcast(report)


def _score_baselines(
    baselines: Sequence[Mapping[str, Any]],
    model: nn.Module,
    train: DataLoader,
    val: DataLoader,
    scored: DataLoader,
    evaluator: Evaluator,
) -> dict[str, dict[str, float]]:
    # a task may be asked about pictures and about sounds: a baseline stands for one kind of features
    splits = [asked_of(model, loader) for loader in (train, val)]
    splits.append(splits[1] if scored is val else asked_of(model, scored))
    report: dict[str, dict[str, float]] = {}
    for number, config in enumerate(baselines):
        texts: dict[Kind, list[str]] = {}
        closed = not getattr(BASELINES.get(config['type']), 'writes', False)
        wanted = [kind for kind in splits[2] if kind.closed == closed]
        # what was not trained has nothing a baseline could be fitted on, and then nothing stands for all tasks
        for kind in (kind for kind in wanted if kind in splits[0] and kind in splits[1]):
            fitted, chosen, tested = (split[kind] for split in splits)
            baseline = BASELINES.build(config, key=f'baselines.{number}')
            baseline.fit(fitted.features, fitted.answers, chosen.features, chosen.answers)
            texts[kind] = baseline.predict(tested.features)
        judge = _accuracies if closed else _written
        report[config['type']] = judge({kind: splits[2][kind] for kind in wanted}, texts, evaluator)
    return report


def _accuracies(asked: Split, texts: Mapping[Kind, Sequence[str]], evaluator: Evaluator) -> dict[str, float]:
    hits = {kind: [p == t for p, t in zip(found, asked[kind].answers, strict=True)] for kind, found in texts.items()}
    groups = {'overall': list(asked)}
    groups |= {task: [kind for kind in asked if kind.task == task] for task in sorted({kind.task for kind in asked})}
    return {
        f'ranked/{name}': mean([right for kind in kinds for right in hits[kind]])
        for name, kinds in groups.items()
        if kinds and all(kind in hits for kind in kinds)
    }


def _written(asked: Split, texts: Mapping[Kind, Sequence[str]], evaluator: Evaluator) -> dict[str, float]:
    if not asked or any(kind not in texts for kind in asked):
        return {}
    predictions = [
        {**sample, 'generated': text}
        for kind, found in texts.items()
        for sample, text in zip(asked[kind].samples, found, strict=True)
    ]
    tasks = {kind.task: False for kind in asked}
    scores: dict[str, float] = {}
    for metric in evaluator.metrics:
        if not hasattr(metric, 'score_names') or not metric.score_names(tasks, ['generated']):
            continue
        metric.process(data_batch={}, data_samples=predictions)
        prefix = f'{metric.prefix}/' if metric.prefix else ''
        scores |= {f'{prefix}{name}': float(score) for name, score in metric.compute_metrics(metric.results).items()}
        metric.results.clear()
    return scores
