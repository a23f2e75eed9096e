"""The official VQA accuracy: how many of ten annotators agree with an answer."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from mmengine.evaluator import BaseMetric

from mmalm.errors import ConfigError, check_choice
from mmalm.registry import METRICS

from .carried import of_kind, predicted
from .grouped import mean, means_by, unscored
from .vqa_soft_accuracy import SCRIPTS, soft_accuracy

MODES = ('generated', 'ranked', 'classified')
# as the official annotations name them
AnswerType = Literal['yes/no', 'number', 'other']
ANSWER_TYPES: tuple[AnswerType, ...] = get_args(AnswerType)
KIND = 'of the VQA kind (VQAv2Dataset, VLAdapterVQADataset)'
NEEDED = ('human_answers', 'answer_type', 'question_type')


@METRICS.register_module()
class VQAAccuracy(BaseMetric):
    """Accuracy of VQA v2, over all questions, by answer type and by question type; each between 0 and 1.

    Scores: ``vqa/overall``, ``vqa/yes_no``, ``vqa/number``, ``vqa/other`` and ``vqa/question_type/<type>``, the last for results
    files and logs; a table shows them where there are few. A sample carries ``human_answers``, ``answer_type`` and
    ``question_type``, as :class:`~mmalm.datasets.VQAv2Dataset` gives them. Samples without human answers (the test splits) have
    no accuracy; where none has any, there are no scores.

    Args:
        mode: which prediction is scored.
        script: 'current' or 'older', see :func:`~mmalm.metrics.vqa_soft_accuracy.soft_accuracy`.
        question_types: score question types too.
        prefix: before every name, with a slash.
    """

    default_prefix = 'vqa'

    def __init__(
        self,
        mode: Literal['generated', 'ranked', 'classified'] = 'generated',
        script: Literal['current', 'older'] = 'current',
        question_types: bool = True,
        prefix: str | None = None,
    ):
        super().__init__(prefix=prefix)
        check_choice('VQAAccuracy', 'mode', mode, MODES)
        check_choice('VQAAccuracy', 'script', script, SCRIPTS)
        self.mode, self.script, self.question_types = mode, script, question_types

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Note the accuracy, answer type and question type of every sample.

        Raises:
            ConfigError: a sample without a prediction of the mode, or of a data set without what is needed.
        """
        for place, prediction in enumerate(data_samples):
            sample = {name: of_kind('VQAAccuracy', prediction, data_batch, place, name, KIND) for name in NEEDED}
            predicted('VQAAccuracy', prediction, self.mode)
            accuracy = self.judge(sample, prediction).get(self.mode)
            self.results.append((accuracy, sample['answer_type'], sample['question_type']))

    def judge(self, sample: Mapping[str, Any], prediction: Mapping[str, Any]) -> dict[str, float]:
        """The accuracy of one prediction, by mode; nothing where there is no prediction or there are no human answers."""
        answer, humans = prediction.get(self.mode), sample.get('human_answers')
        return {self.mode: soft_accuracy(answer, humans, self.script)} if humans and answer is not None else {}

    def score_names(self, tasks: Mapping[str, bool] | None, predicts: Sequence[str] | None) -> list[str]:
        """Names of the scores there will be, as globs; see :meth:`AnswerAccuracy.score_names`."""
        possible = predicts is None or self.mode in predicts
        closed = self.mode != 'ranked' or tasks is None or any(tasks.values())
        if not (possible and closed):
            return []
        types = ['question_type/*'] if self.question_types else []
        return [f'{self.prefix}/{name}' for name in ('overall', *map(_name, ANSWER_TYPES), *types)]

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Scores by name, overall first.

        Raises:
            ConfigError: some samples have human answers and others have not.
        """
        judged = [result for result in results if result[0] is not None]
        reason = unscored('VQAAccuracy', len(judged), len(results), 'human answers')
        if reason and judged:
            raise ConfigError(reason)
        if reason:
            print(reason, flush=True)
            return {}
        scores = {'overall': mean([accuracy for accuracy, _, _ in judged])}
        scores |= {
            _name(kind): value for kind, value in means_by((kind, accuracy) for accuracy, kind, _ in judged).items()
        }
        if self.question_types:
            scores |= {
                f'question_type/{kind}': value
                for kind, value in means_by((kind, accuracy) for accuracy, _, kind in judged).items()
            }
        return scores


def _name(answer_type: str) -> str:
    return re.sub(r'\W+', '_', answer_type).strip('_')
