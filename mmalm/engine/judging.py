"""How right each single prediction is, beside the scores over all of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mmengine.evaluator import Evaluator


def judging(evaluator: Evaluator) -> Callable[[int, Mapping, Sequence[dict]], None]:
    """What :func:`~.evaluation.evaluate` is to call ``after`` every batch, so that predictions carry ``correct``.

    A metric that can tell of one sample has a method ``judge(sample, prediction) -> {mode: share}``, 1 for right, 0 for
    wrong and what lies between for partly right. Where several metrics judge one mode, the first holds. All right texts of a
    sample, its ``references``, are kept beside where they say more than its answer.
    """
    judges = [metric.judge for metric in evaluator.metrics if hasattr(metric, 'judge')]

    def after(_: int, batch: Mapping[str, Any], predictions: Sequence[dict]) -> None:
        columns = {name: values for name, values in batch.items() if isinstance(values, (list, tuple))}
        for i, prediction in enumerate(predictions):
            sample = {name: values[i] for name, values in columns.items() if len(values) == len(predictions)}
            correct: dict[str, float] = {}
            for judge in judges:
                correct = {**{mode: float(share) for mode, share in judge(sample, prediction).items()}, **correct}
            prediction['correct'] = correct
            texts = sample.get('references') or ()
            if any(text != prediction.get('answer') for text in texts):
                prediction.setdefault('references', list(texts))

    return after
