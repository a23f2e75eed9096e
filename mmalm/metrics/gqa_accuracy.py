"""Accuracy on GQA: exact match, over all questions and by what they ask for."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from mmengine.evaluator import BaseMetric

from mmalm.errors import ConfigError, check_choice
from mmalm.registry import METRICS

from .answer_accuracy import normalise
from .carried import carried, carried_texts, predicted, right_texts
from .grouped import mean, means_by, unscored
from .vqa_accuracy import MODES

# as the annotations name them
TYPES = ('structural', 'semantic')
# the one structural type whose answers are open; those of all others are named in the question, or are yes or no
OPEN = 'query'


@METRICS.register_module()
class GQAAccuracy(BaseMetric):
    """Exact match of answers (Hudson and Manning, CVPR 2019), each score between 0 and 1.

    Scores: ``gqa/overall``; where samples carry ``structural`` and ``semantic``, as the official files have them, ``gqa/binary``,
    ``gqa/open``, ``gqa/structural/<type>`` and ``gqa/semantic/<type>`` too. Both answers are compared after
    :func:`~mmalm.metrics.answer_accuracy.normalise`; the official script compares letter by letter, to which GQA's own answers,
    all in lower case, without articles, make no difference. Consistency, validity, plausibility, grounding and distribution need
    further files, and are not computed.

    A sample carries ``references`` (one, as a rule), or else its ``answer``. Questions without answers (the test splits) have no
    accuracy; where none has any, there are no scores.

    Args:
        mode: which prediction is scored.
        types: score types too.
        prefix: before every name, with a slash.
    """

    default_prefix = 'gqa'

    def __init__(
        self,
        mode: Literal['generated', 'ranked', 'classified'] = 'generated',
        types: bool = True,
        prefix: str | None = None,
    ):
        super().__init__(prefix=prefix)
        check_choice('GQAAccuracy', 'mode', mode, MODES)
        self.mode, self.types = mode, types

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Note whether every answer is right, and the types of its question.

        Raises:
            ConfigError: a sample without a prediction of the mode.
        """
        for place, prediction in enumerate(data_samples):
            predicted('GQAAccuracy', prediction, self.mode)
            known = {'references': carried_texts(prediction, data_batch, place)}
            right = self.judge(known, prediction).get(self.mode)
            self.results.append((right, *(carried(prediction, data_batch, place, name, '') for name in TYPES)))

    def judge(self, sample: Mapping[str, Any], prediction: Mapping[str, Any]) -> dict[str, bool]:
        """Whether one prediction is right, by mode; nothing where there is no prediction or no answer is known."""
        answer = prediction.get(self.mode)
        known = right_texts(sample)
        return {self.mode: normalise(answer) in map(normalise, known)} if known and answer is not None else {}

    def score_names(self, tasks: Mapping[str, bool] | None, predicts: Sequence[str] | None) -> list[str]:
        """Names of the scores there will be, as globs; see :meth:`AnswerAccuracy.score_names`."""
        closed = self.mode != 'ranked' or tasks is None or any(tasks.values())
        if not closed or (predicts is not None and self.mode not in predicts):
            return []
        by_type = ['binary', 'open', *(f'{kind}/*' for kind in TYPES)] if self.types else []
        return [f'{self.prefix}/{name}' for name in ('overall', *by_type)]

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Scores by name, overall first.

        Raises:
            ConfigError: some questions have answers and others have not.
        """
        judged = [result for result in results if result[0] is not None]
        reason = unscored('GQAAccuracy', len(judged), len(results), 'answers')
        if reason and judged:
            raise ConfigError(reason)
        if reason:
            print(reason, flush=True)
            return {}
        scores = {'overall': mean([right for right, *_ in judged])}
        if not self.types:
            return scores
        typed = [(right, structural) for right, structural, _ in judged if structural]
        scores |= means_by(('open' if kind == OPEN else 'binary', right) for right, kind in typed)
        for place, name in enumerate(TYPES, 1):
            known = means_by((result[place], result[0]) for result in judged if result[place])
            scores |= {f'{name}/{kind}': value for kind, value in known.items()}
        return scores
