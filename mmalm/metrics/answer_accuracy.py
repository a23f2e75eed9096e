"""The part of questions answered rightly, by ranking and by free generation."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mmengine.evaluator import BaseMetric

from mmalm.errors import ConfigError
from mmalm.registry import METRICS

from .carried import carried, carried_texts, of_kind, right_texts
from .grouped import mean, means_by

MODES = ('ranked', 'generated', 'classified')


def normalise(answer: str) -> str:
    """An answer without case, articles, punctuation at its ends and repeated blanks."""
    words = re.sub(r'\s+', ' ', answer.lower()).strip(' .,;:!?"\'').split(' ')
    # an answer that is nothing but an article stays what it is
    return ' '.join([word for word in words if word not in ('a', 'an', 'the')] or words)


@METRICS.register_module()
class AnswerAccuracy(BaseMetric):
    """Exact match of answers, over all questions and for each task.

    Scores, each between 0 and 1, are named ``<mode>/overall`` and ``<mode>/<task>``: ``ranked`` is the closed set's answer with
    the highest log-probability, ``generated`` the free text, ``classified`` a classifier's class, all compared after
    :func:`normalise`. Right is the sample's ``answer``, or any of its ``references`` where it has some. A mode counts the samples
    it has a prediction for, those too that its closed set cannot answer; ``overall`` weighs every sample alike.

    Args:
        modes: which predictions are scored.
        by: what else the samples carry that tells scores apart, as ``<mode>/<name>/<value>``: 'answer' for an accuracy of each
            class, 'structural' ...
        prefix: put before every name, with a slash.
    """

    default_prefix = ''

    def __init__(self, modes: Sequence[str] = MODES, by: Sequence[str] = (), prefix: str | None = None):
        super().__init__(prefix=prefix)
        unknown = [mode for mode in modes if mode not in MODES]
        if unknown or not modes or isinstance(modes, str):
            raise ConfigError(f'AnswerAccuracy: modes={modes!r}; give a list of some of {MODES}.')
        if isinstance(by, str):
            raise ConfigError(f"AnswerAccuracy: by={by!r}; give a list of what samples carry, such as ['answer'].")
        self.modes, self.by = tuple(modes), tuple(by)

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Note for each prediction and mode whether it is right."""
        for place, prediction in enumerate(data_samples):
            known = {'references': carried_texts(prediction, data_batch, place)}
            task = carried(prediction, data_batch, place, 'task')
            kinds = [
                of_kind('AnswerAccuracy', prediction, data_batch, place, name, f'that carry {name!r}')
                for name in self.by
            ]
            self.results.append((task, self.judge(known, prediction), kinds))

    def judge(self, sample: Mapping[str, Any], prediction: Mapping[str, Any]) -> dict[str, bool]:
        """Whether each mode's prediction is one of the sample's right answers; a mode without a prediction is left out."""
        truths = set(map(normalise, right_texts(sample)))
        return {m: normalise(prediction[m]) in truths for m in self.modes if prediction.get(m) is not None}

    def score_names(self, tasks: Mapping[str, bool] | None, predicts: Sequence[str] | None) -> list[str]:
        """Names of the scores there will be, as globs.

        Args:
            tasks: whether the questions of each task have a closed set of answers; None where that is not known.
            predicts: which predictions the model gives; None where that is not known.
        """
        closed = tasks is None or any(tasks.values())
        modes = [m for m in self.modes if (predicts is None or m in predicts) and (closed or m != 'ranked')]
        prefix = f'{self.prefix}/' if self.prefix else ''
        names = []
        for mode in modes:
            asked = ['*'] if tasks is None else sorted(t for t, closed in tasks.items() if closed or mode != 'ranked')
            names += [f'{prefix}{mode}/{name}' for name in ('overall', *asked, *(f'{name}/*' for name in self.by))]
        return names

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Accuracies by name, overall first.

        Raises:
            ConfigError: no mode has any prediction.
        """
        scores = {}
        for mode in self.modes:
            judged = [(task, right[mode], kinds) for task, right, kinds in results if mode in right]
            if not judged:
                continue
            scores[f'{mode}/overall'] = mean([right for _, right, _ in judged])
            parts = means_by((task, right) for task, right, _ in judged)
            for place, name in enumerate(self.by):
                parts |= means_by((f'{name}/{kinds[place]}', right) for _, right, kinds in judged)
            scores |= {f'{mode}/{name}': value for name, value in parts.items()}
        if not scores:
            raise ConfigError(f'AnswerAccuracy: none of {len(results)} predictions has any of {self.modes}.')
        return scores
