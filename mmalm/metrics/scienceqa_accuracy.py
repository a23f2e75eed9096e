"""Accuracy on ScienceQA, from generated texts, over all questions and by what they are of."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmengine.evaluator import BaseMetric

from mmalm.registry import METRICS

from .carried import of_kind, predicted
from .grouped import mean
from .scienceqa_answer import stated_choice

KIND = 'of the ScienceQA kind (ScienceQADataset)'
NEEDED = ('right_choice', 'choices', 'subject', 'grade', 'has_text', 'has_picture')
SUBJECTS = {'natural science': 'nat', 'social science': 'soc', 'language science': 'lan'}
GROUPS = (*SUBJECTS.values(), 'txt', 'img', 'no', 'g1_6', 'g7_12')
LOWER_GRADES = 6


@METRICS.register_module()
class ScienceQAAccuracy(BaseMetric):
    """Accuracy on ScienceQA (Lu et al., NeurIPS 2022) in the groups of its official evaluation, each between 0 and 1.

    Scores: ``scienceqa/overall``; by subject ``nat``, ``soc``, ``lan``; by context ``txt`` (a hint), ``img`` (a picture), which
    share questions, and ``no`` (neither); by grade ``g1_6``, ``g7_12``; and ``scienceqa/failed``, the part of the texts that
    name no choice. An answer is the X of the text's first 'The answer is X.'; a text without one, or with a letter that stands for
    no choice, is wrong. Nothing is ever drawn at random in its place, as its authors', LaVIN's and DVP's code does.

    Args:
        prefix: before every name, with a slash.
    """

    default_prefix = 'scienceqa'

    def __init__(self, prefix: str | None = None):
        super().__init__(prefix=prefix)

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Note of every question whether it is answered rightly, whether it is answered at all, and its groups.

        Raises:
            ConfigError: a sample without a generated text, or of a data set without what is needed.
        """
        for place, prediction in enumerate(data_samples):
            name = type(self).__name__
            sample = {key: of_kind(name, prediction, data_batch, place, key, KIND) for key in NEEDED}
            choice = stated_choice(predicted(name, prediction, 'generated'), len(sample['choices']))
            self.results.append((choice == sample['right_choice'], choice is None, groups(sample)))

    def judge(self, sample: Mapping[str, Any], prediction: Mapping[str, Any]) -> dict[str, bool]:
        """Whether one prediction is right; nothing where there is none."""
        text = prediction.get('generated')
        if text is None or 'right_choice' not in sample:
            return {}
        return {'generated': stated_choice(text, len(sample['choices'])) == sample['right_choice']}

    def score_names(self, tasks: Mapping[str, bool] | None, predicts: Sequence[str] | None) -> list[str]:
        """Names of the scores there will be; see :meth:`AnswerAccuracy.score_names`."""
        if predicts is not None and 'generated' not in predicts:
            return []
        return [f'{self.prefix}/{name}' for name in ('overall', *GROUPS, 'failed')]

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Scores by name, overall first; a group without questions has none."""
        scores = {'overall': mean([right for right, _, _ in results])}
        for group in GROUPS:
            members = [right for right, _, of in results if group in of]
            if members:
                scores[group] = mean(members)
        return {**scores, 'failed': mean([failed for _, failed, _ in results])}


def groups(sample: Mapping[str, Any]) -> set[str]:
    """The groups of :data:`GROUPS` that a question is in."""
    found = {SUBJECTS[sample['subject']]} if sample['subject'] in SUBJECTS else set()
    contexts = {'txt': sample['has_text'], 'img': sample['has_picture']}
    found |= {name for name, there in contexts.items() if there} or {'no'}
    grade = sample['grade'].removeprefix('grade')
    if grade.isdecimal():
        found.add('g1_6' if int(grade) <= LOWER_GRADES else 'g7_12')
    return found
