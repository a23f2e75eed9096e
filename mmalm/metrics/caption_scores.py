"""Scores of generated captions: BLEU, ROUGE-L, CIDEr-D, METEOR, SPICE, SPIDEr."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from mmengine.dist import is_main_process
from mmengine.evaluator import BaseMetric

from mmalm.errors import ConfigError, check_choice
from mmalm.registry import METRICS

from .captions.java import find_programs, missing, refuse
from .captions.ptb import tokenise
from .captions.rouge import rouge_l
from .captions.scores import PLAIN, PROGRAM, SCORES, Score, caption_scores, names
from .carried import carried, carried_texts, predicted, right_texts

MODE = 'generated'


@METRICS.register_module()
class CaptionScores(BaseMetric):
    """Scores of the COCO caption evaluation, of one generated text a media against all its references.

    Scores are named ``generated/cider``, ``generated/bleu4`` to ``bleu1``, ``generated/rouge_l``, ``generated/meteor``,
    ``generated/spice`` and ``generated/spider``, in the evaluation's own scale: CIDEr-D from 0 to 10, SPIDEr to 5.5, the others
    to 1. Papers often print them times 100.

    A sample carries ``references``, or else its ``answer`` is the one reference. How rare a word is, for CIDEr-D, is told by the
    references of the samples scored, so that figures of parts of a data set do not compare.

    Args:
        scores: 'plain': what needs no Java: CIDEr-D, BLEU, ROUGE-L. 'available': all that this machine can compute; what it
            cannot is printed with the reason. 'all', or a list of some of 'cider', 'bleu', 'rouge_l', 'meteor', 'spice',
            'spider': exactly these, and an error where one cannot be computed.
        task: score the samples of this task alone; all where None.
        programs: the folder of METEOR's and SPICE's programs; the installed package pycocoevalcap where None.
        prefix: before every name, with a slash.

    Raises:
        ConfigError: unknown scores, or one that was asked for and cannot be computed here.
    """

    default_prefix = MODE

    def __init__(
        self,
        scores: Literal['plain', 'available', 'all'] | list[Score] = 'plain',
        task: str | None = None,
        programs: str | None = None,
        prefix: str | None = None,
    ):
        super().__init__(prefix=prefix)
        self.task = task
        self.programs = find_programs(programs)
        self.scores = self._choose(scores)

    @classmethod
    def shrink(cls, arguments: dict, folder: Any) -> dict:
        """For dry runs: the scores that need no Java."""
        return {**{name: value for name, value in arguments.items() if name != 'programs'}, 'scores': 'plain'}

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Note every media's caption and references.

        Raises:
            ConfigError: a sample without references or without a generated text.
        """
        for place, prediction in enumerate(data_samples):
            if self.task is not None and carried(prediction, data_batch, place, 'task', '') != self.task:
                continue
            texts = carried_texts(prediction, data_batch, place)
            if not texts:
                raise ConfigError(
                    f'CaptionScores: {prediction.get("id")} has no references. Captions are scored where a data set knows right '
                    'texts; a test split without them is predicted and handed in instead.'
                )
            media = str(carried(prediction, data_batch, place, 'media', prediction.get('id')))
            self.results.append((media, predicted('CaptionScores', prediction, MODE), texts))

    def judge(self, sample: Mapping[str, Any], prediction: Mapping[str, Any]) -> dict[str, float]:
        """ROUGE-L of one caption, the one score that a caption has by itself; nothing where there is none to compare."""
        caption = prediction.get(MODE)
        texts = right_texts({**sample, **prediction})
        if caption is None or not texts or (self.task is not None and sample.get('task') != self.task):
            return {}
        return {MODE: rouge_l(tokenise(caption), [tokenise(text) for text in texts])}

    def score_names(self, tasks: Mapping[str, bool] | None, predicts: Sequence[str] | None) -> list[str]:
        """Names of the scores there will be; see :meth:`AnswerAccuracy.score_names`."""
        asked = tasks is None or self.task is None or self.task in tasks
        if not asked or (predicts is not None and MODE not in predicts):
            return []
        return [f'{self.prefix}/{name}' for name in names(self.scores)]

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Scores by name, CIDEr-D first.

        Raises:
            ConfigError: nothing to score, or several captions of one media.
        """
        if not results:
            of_task = f' of the task {self.task!r}' if self.task else ''
            raise ConfigError(f'CaptionScores: no samples{of_task} to score.')
        seen = set()
        for media, _, _ in results:
            if media in seen:
                raise ConfigError(
                    f'CaptionScores: {media} has several captions, and is to have one. Score a data set that has one sample a '
                    'media (each_answer=False), or set task= to the one that asks for captions.'
                )
            seen.add(media)
        return caption_scores(
            [caption for _, caption, _ in results], [texts for *_, texts in results], self.scores, self.programs
        )

    def _choose(self, scores: str | Sequence[str]) -> list[str]:
        if isinstance(scores, str):
            check_choice('CaptionScores', 'scores', scores, ('plain', 'available', 'all'))
            asked = PLAIN if scores == 'plain' else SCORES
        else:
            for score in scores:
                check_choice('CaptionScores', 'score', score, SCORES)
            asked = tuple(scores)
        if not asked:
            raise ConfigError(f'CaptionScores: scores is empty; choose from {", ".join(SCORES)}.')
        lacking = {score: missing(self.programs, PROGRAM[score]) for score in asked if score in PROGRAM}
        lacking = {score: reason for score, reason in lacking.items() if reason}
        if lacking and scores == 'available':
            if is_main_process():
                for reason in dict.fromkeys(lacking.values()):
                    left_out = ', '.join(score for score, why in lacking.items() if why == reason)
                    print(f'CaptionScores leaves out {left_out}: {reason}', flush=True)
        elif lacking:
            refuse('CaptionScores', *next(iter(lacking.items())))
        return [score for score in asked if score not in lacking]
