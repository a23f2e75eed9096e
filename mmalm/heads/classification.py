"""Answering by classification: one of a vocabulary of answers, from the language model's state of the whole text.

Legend: B batch, L text length, H width of the state, C answers.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import torch
import torch.nn.functional as F
from annotated_types import Ge
from torch import Tensor, nn

from ..datasets.labels import MADE_UP, check_labels, read_labels
from ..errors import ConfigError, check_choice
from ..injection import Injected
from ..losses import IGNORED
from ..padding import pad_right
from ..registry import HEADS
from .classifier import Classifier

LOSSES = ('cross_entropy', 'soft_bce')


@HEADS.register_module()
class ClassificationHead(nn.Module):
    """A classifier on the state that has seen the whole text: [CLS] of an encoder, the end-of-text token of a causal language
    model, the decoder's start token of an encoder-decoder.

    Args:
        hidden_size: H; given by the model.
        answers: the vocabulary: a list, or a file as ``tools/build_vocabulary.py`` makes it.
        classes: C, held against the vocabulary; counts parameters where its file is not there yet.
        hidden: inner width of the :class:`Classifier`; 1536 over BERT-base and T5-base, 512 over LLaMA-7B in DVP.
        loss: 'cross_entropy', of the sample's answer; 'soft_bce', binary cross-entropy of each answer against the sample's
            ``soft_answers``, summed over answers, as DVP and others train VQA v2. A sample none of whose right answers is in the
            vocabulary has no loss.
        question_format: text of a question, with ``{question}``.
        max_tokens: longer texts are cut at their end; 16 in DVP's BERT and T5. No limit unless told.
        keep_scores: a prediction keeps the probabilities of so many best answers.
    """

    predicts = ('classified',)

    def __init__(
        self,
        hidden_size: int,
        answers: Sequence[str] | str,
        classes: Annotated[int, Ge(2)] | None = None,
        hidden: Annotated[int, Ge(1)] = 1536,
        loss: Literal['cross_entropy', 'soft_bce'] = 'cross_entropy',
        question_format: str = '{question}',
        max_tokens: Annotated[int, Ge(2)] | None = None,
        keep_scores: Annotated[int, Ge(1)] = 5,
    ):
        super().__init__()
        check_choice('ClassificationHead', 'loss', loss, LOSSES)
        if '{question}' not in question_format:
            raise ConfigError(f'the question template {question_format!r} has no {{question}} in it.')
        self.answers = _vocabulary(answers, classes)
        self.number = {answer: number for number, answer in enumerate(self.answers)}
        self.loss_name, self.question_format, self.max_tokens = loss, question_format, max_tokens
        self.keep_scores = keep_scores
        self.classifier = Classifier(hidden_size, hidden, len(self.answers) or classes)

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict:
        """For dry runs: a narrow classifier over all answers of made-up data."""
        answers = arguments['answers'] if isinstance(arguments['answers'], (list, tuple)) else list(MADE_UP)
        return {**arguments, 'answers': answers, 'classes': None, 'hidden': 8}

    def learns_from(self, sample: Mapping[str, Any]) -> bool:
        """Whether a sample has a loss: a right answer of it is in the vocabulary."""
        if self.loss_name == 'cross_entropy':
            return sample['answer'] in self.number
        return any(score > 0 and answer in self.number for answer, score in _soft_answers(sample).items())

    def logits(self, lm: Any, batch: Mapping, context: Callable[[Tensor], Injected | None]) -> Tensor:
        """``[B, C]``.

        Args:
            lm: a :class:`~mmalm.lms.base.LanguageModel`.
            batch: a list ``question``, B long.
            context: from the span ``[B, L]`` a connector may read, all of the text, to what is to be injected.
        """
        texts = [self.question_format.format(question=question) for question in batch['question']]
        device = next(lm.parameters()).device
        ids, mask = pad_right(lm.encode_question(texts, self.max_tokens), lm.pad_id, device)
        states = lm.states(ids, mask, injection=context(mask.bool()))
        return self.classify(lm.feature(states, mask))

    def classify(self, feature: Tensor) -> Tensor:
        """Logits ``[B, C]`` of what a language model gives to classify ``[B, H]``, whatever type it computes in."""
        return self.classifier(feature.to(self.classifier[0].weight.dtype))

    def loss(self, lm: Any, batch: Mapping, context: Callable[[Tensor], Injected | None]) -> dict[str, Tensor]:
        """The training loss: ``loss`` is the mean over ``weight`` samples, those that have a right answer in the vocabulary."""
        logits = self.logits(lm, batch, context).float()
        if self.loss_name == 'cross_entropy':
            numbers = [self.number.get(answer, IGNORED) for answer in batch['answer']]
            targets = torch.tensor(numbers, device=logits.device)
            known = targets != IGNORED
            losses = F.cross_entropy(logits, targets, ignore_index=IGNORED, reduction='none')
        else:
            targets = self._soft_targets(batch, logits)
            known = targets.any(1)
            losses = F.binary_cross_entropy_with_logits(logits, targets, reduction='none').sum(1) * known
        weight = known.sum()
        return {'loss': losses.sum() / weight.clamp(min=1), 'weight': weight}

    @torch.no_grad()
    def predict(self, lm: Any, batch: Mapping, context: Callable[[Tensor], Injected | None]) -> list[dict]:
        """One dict a sample: ``classified``, the likeliest answer, and ``scores``, probabilities of the best few."""
        logits = self.logits(lm, batch, context).float()
        probabilities = logits.sigmoid() if self.loss_name == 'soft_bce' else logits.softmax(-1)
        best = logits.topk(min(self.keep_scores, len(self.answers)))
        return [
            {
                'classified': self.answers[places[0]],
                'scores': {self.answers[place]: float(row[place]) for place in places},
            }
            for places, row in zip(best.indices.tolist(), probabilities.cpu(), strict=True)
        ]

    def _soft_targets(self, batch: Mapping, logits: Tensor) -> Tensor:
        targets = torch.zeros_like(logits)
        for row, scores in zip(targets, _soft_answers(batch), strict=True):
            for answer, score in scores.items():
                if answer in self.number:
                    row[self.number[answer]] = score
        return targets


def _soft_answers(of: Mapping[str, Any]) -> Any:
    """Those of a batch or of one sample."""
    if 'soft_answers' not in of:
        raise ConfigError(
            "loss='soft_bce' needs samples with 'soft_answers', the score of each right answer: set soft_answers= of the data "
            "set, or loss='cross_entropy'."
        )
    return of['soft_answers']


def _vocabulary(answers: Sequence[str] | str, classes: int | None) -> tuple[str, ...]:
    if not isinstance(answers, str):
        known = check_labels(answers, 'answers')
    elif classes is not None and torch.empty(0).is_meta and not Path(answers).expanduser().exists():
        return ()  # nothing is classified on the meta device; parameters are counted there before any data is
    else:
        known = read_labels(answers)
    if classes is not None and len(known) != classes:
        where = answers if isinstance(answers, str) else 'the list'
        raise ConfigError(
            f'ClassificationHead: classes={classes:,}, and {where} has {len(known):,} answers. Build the vocabulary again, or set '
            'classes to its number.'
        )
    if len(known) < 2:
        raise ConfigError(
            f'ClassificationHead chooses among 2 answers or more, found {known[0]!r} alone: nothing would be learnt.'
        )
    return known
