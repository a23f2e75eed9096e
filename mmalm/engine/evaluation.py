"""Scoring a model on a data set."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mmengine.evaluator import Evaluator
from torch.utils.data import DataLoader

from mmalm.errors import ConfigError
from mmalm.registry import METRICS

from .facade import Facade
from .gathering import Parts


def build_evaluator(metrics: Sequence[Mapping[str, Any]]) -> Evaluator:
    """MMEngine's evaluator over the config's list of metrics."""
    if not isinstance(metrics, (list, tuple)) or not metrics:
        raise ConfigError(f'metrics must be a list such as [dict(type="AnswerAccuracy")], found {metrics!r}.')
    return Evaluator([METRICS.build(metric, key=f'metrics.{i}') for i, metric in enumerate(metrics)])


def evaluate(
    facade: Facade,
    loader: DataLoader,
    evaluator: Evaluator,
    before: Callable[[int, dict], None] | None = None,
    after: Callable[[int, dict, list[dict]], None] | None = None,
) -> tuple[dict[str, float], list[dict]]:
    """Predict every sample and score the predictions; several processes share the samples.

    Args:
        facade: holds the model; left in eval mode.
        loader: gives batches.
        evaluator: scores them.
        before, after: called around every batch with its index, the batch and the predictions.

    Returns:
        scores by name, in every process, and the predictions of all samples in the data set's order, in the main one.
    """
    facade.eval()
    parts = Parts(evaluator)
    predictions: list[dict] = []
    for index, batch in enumerate(loader):
        if before is not None:
            before(index, batch)
        outputs = facade.val_step(batch)
        if batch:
            evaluator.process(data_samples=outputs, data_batch=batch)
        predictions.extend(outputs)
        if after is not None:
            after(index, batch, outputs)
        parts.end_of_batch(predictions)
    scores, predictions = parts.together(predictions)
    return {name: float(value) for name, value in scores.items()}, predictions
