"""Scores and predictions of several processes put together, in the order of one process."""

from typing import Any

from mmengine.evaluator import Evaluator

from . import distributed


class Parts:
    """What this process has of every batch: predictions, and what each metric noted of them.

    MMEngine's own gathering takes samples in turn from each process, and leaves out what does not come out even; here each
    process has a stretch of every batch, and all of it counts.

    Args:
        evaluator: its metrics have noted nothing yet.
    """

    def __init__(self, evaluator: Evaluator):
        self.evaluator = evaluator
        # per batch, how long the lists have become: predictions first, then each metric's
        self.ends: list[list[int]] = []

    def end_of_batch(self, predictions: list) -> None:
        """Remember where a batch ends."""
        self.ends.append([len(part) for part in self._lists(predictions)])

    def together(self, predictions: list[dict]) -> tuple[dict[str, Any], list[dict]]:
        """The scores over all processes, in every one of them, and all predictions, in the main one (else none)."""
        if not distributed.active():
            return self.evaluator.evaluate(len(predictions)), predictions
        gathered = distributed.gather((self._lists(predictions), self.ends))
        for metric in self.evaluator.metrics:
            metric.results = []
        scores: dict[str, Any] = {}
        merged: list[list] = [[]]
        if gathered is not None:
            merged = [_in_order(gathered, number) for number in range(1 + len(self.evaluator.metrics))]
            for metric, results in zip(self.evaluator.metrics, merged[1:], strict=True):
                prefix = f'{metric.prefix}/' if metric.prefix else ''
                scores |= {f'{prefix}{name}': value for name, value in metric.compute_metrics(results).items()}
        return distributed.broadcast(scores), merged[0]

    def _lists(self, predictions: list) -> list[list]:
        return [predictions, *(metric.results for metric in self.evaluator.metrics)]


def _in_order(gathered: list[tuple[list[list], list[list[int]]]], number: int) -> list:
    """List ``number`` of every process, batch by batch."""
    merged = []
    for batch in range(len(gathered[0][1])):
        for lists, ends in gathered:
            start = ends[batch - 1][number] if batch else 0
            merged += lists[number][start : ends[batch][number]]
    return merged
