"""Answering by generation: the loss of the answer's tokens, ranking of a closed answer set, and free generation.

Legend: B batch, L text length, V vocabulary.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import torch
from annotated_types import Ge, Gt, Le
from torch import Tensor, nn
from transformers import GenerationConfig

from ..errors import ConfigError, closest
from ..faults import config_node
from ..injection import Injected
from ..losses import IGNORED, loss_weight, next_token_losses, reduce_token_losses
from ..padding import pad_left
from ..registry import HEADS, Bound
from .ranking import answer_log_probabilities
from .text import TextFormat

TARGETS = ('answer', 'text')
LENGTHS = ('max_new_tokens', 'min_new_tokens')
DRY_TOKENS = 4
Count = Annotated[int, Ge(1)]
LONGEST = 32_768


def generate_options(
    max_new_tokens: Annotated[int, Ge(1), Le(LONGEST)] = 20,
    min_new_tokens: Annotated[int, Ge(0)] | None = None,
    num_beams: Count = 1,
    do_sample: bool = False,
    temperature: Annotated[float, Gt(0)] | None = None,
    top_k: Annotated[int, Ge(0)] | None = None,
    top_p: Annotated[float, Gt(0)] | None = None,
    **others: Any,
) -> None:
    """The options of transformers' ``generate`` that configs use, for their types to be checked; others are taken as well.

    Raises:
        ConfigError: an option that transformers does not know, or that is not possible here.
    """
    known = GenerationConfig().to_dict()
    for name in others:
        if name not in known and name != 'use_cache':
            raise ConfigError(f'unknown option {name!r}. {closest(name, known)}'.rstrip())
    if others.get('num_return_sequences', 1) != 1:
        found = others['num_return_sequences']
        raise ConfigError(f'a sample has one answer; num_return_sequences={found!r} would give more.')


@HEADS.register_module()
class GenerationHead(nn.Module):
    """Questions in, answers out, by the language model's own head. Has no parameters.

    Args:
        question_format: text of a question, with ``{question}``.
        answer_format: text of an answer, with ``{answer}``; an end-of-text token follows.
        targets: 'answer': the loss is on the answer alone; 'text': question included, as in the released eP-ALM.
        reduction: 'token_mean' or 'sample_sum' (see :mod:`mmalm.losses`).
        weight: factor of the loss; the released eP-ALM uses 0.1.
        rank: in prediction, score each sample's closed answer set by the sum of token log-probabilities.
        shortlist: rank only so many candidates, those whose first token is likeliest and all that are as likely as the last of them
            (ALBEF, arXiv 2107.07651, ranks 128); the others get no score. ``None``: all.
        length_normalise: rank by the mean over an answer's tokens, its end included, instead of the sum.
        keep_scores: a prediction keeps the scores of so many best candidates; ``None``: of all.
        generate: in prediction, generate freely too; ``None`` for not at all, else options of transformers' ``generate``.
    """

    nodes = {'generate': Bound(generate_options)}

    # of language models: those that give token after token
    kinds = ('causal',)

    def __init__(
        self,
        question_format: str = 'Question: {question} Answer:',
        answer_format: str = ' {answer}',
        targets: Literal['answer', 'text'] = 'answer',
        reduction: Literal['token_mean', 'sample_sum'] = 'token_mean',
        weight: float = 1.0,
        rank: bool = True,
        shortlist: Count | None = None,
        length_normalise: bool = False,
        keep_scores: Count | None = None,
        generate: Mapping | None = None,
    ):
        super().__init__()
        if targets not in TARGETS:
            raise ConfigError(f'unknown targets {targets!r}. {closest(targets, TARGETS)} Choose one of {TARGETS}.')
        with config_node('generate'):
            generate_options(**(generate or {}))
        self.format = TextFormat(question_format, answer_format)
        self.targets, self.reduction, self.weight = targets, reduction, weight
        self.rank, self.generate = rank, generate
        self.shortlist, self.length_normalise, self.keep_scores = shortlist, length_normalise, keep_scores

    @property
    def predicts(self) -> tuple[str, ...]:
        """Which predictions there will be: of 'ranked' and 'generated'."""
        asked = {'ranked': self.rank, 'generated': self.generate is not None}
        return tuple(name for name, wanted in asked.items() if wanted)

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict:
        """For dry runs: answers of a few tokens."""
        if arguments.get('generate') is None:
            return dict(arguments)
        options = {'max_new_tokens': DRY_TOKENS, **arguments['generate']}
        lengths = {name: min(options[name], DRY_TOKENS) for name in LENGTHS if isinstance(options.get(name), int)}
        return {**arguments, 'generate': {**options, **lengths}}

    def loss(self, lm: Any, batch: Mapping, context: Callable[[Tensor], Injected | None]) -> dict[str, Tensor]:
        """The training loss of a batch of ``question`` and ``answer``.

        Args:
            lm: a :class:`~mmalm.lms.CausalLM`.
            batch: lists ``question`` and ``answer``, B long.
            context: from the span ``[B, L]`` a connector may read (the question) to what ``lm.forward`` is to inject.

        Returns:
            ``loss``, and ``weight``: the target tokens or samples it is the mean over.
        """
        questions = self.format.questions(lm.tokenizer, batch['question'])
        answers = self.format.answers(lm.tokenizer, batch['answer'])
        device = next(lm.parameters()).device
        ids, mask = pad_left([[*q, *a] for q, a in zip(questions, answers, strict=True)], lm.pad_id, device)
        lengths = torch.tensor([len(answer) for answer in answers], device=device)
        is_answer = torch.arange(ids.shape[1], device=device)[None] >= ids.shape[1] - lengths[:, None]
        # a text's first token has nothing before it to be predicted from
        targets = is_answer if self.targets == 'answer' else mask.cumsum(1) > 1
        labels = ids.masked_fill(~targets, IGNORED)
        # the text is right-aligned, so only the last columns predict a target: the others need no vocabulary-wide logits
        keep = min(int(lengths.max()) + 1, ids.shape[1]) if self.targets == 'answer' else ids.shape[1]
        logits = lm(ids, mask, injection=context(mask.bool() & ~is_answer), logits_to_keep=keep)
        labels = labels[:, -keep:]
        loss = reduce_token_losses(next_token_losses(logits, labels), labels, self.reduction)
        return {'loss': self.weight * loss, 'weight': loss_weight(labels, self.reduction)}

    @torch.no_grad()
    def predict(self, lm: Any, batch: Mapping, context: Callable[[Tensor], Injected | None]) -> list[dict]:
        """Ranked and generated answers, one dict a sample: ``ranked``, ``scores``, ``generated``."""
        questions = self.format.questions(lm.tokenizer, batch['question'])
        predictions: list[dict] = [{'ranked': None, 'scores': {}, 'generated': None} for _ in questions]
        if self.rank:
            self._rank(lm, batch, questions, context, predictions)
        if self.generate is not None:
            device = next(lm.parameters()).device
            ids, mask = pad_left(questions, lm.pad_id, device)
            options = {'eos_token_id': lm.tokenizer.eos_token_id, **self.generate}
            new = lm.generate(ids, mask, injection=context(mask.bool()), **options)
            for prediction, row in zip(
                predictions, lm.tokenizer.batch_decode(new, skip_special_tokens=True), strict=True
            ):
                prediction['generated'] = row.strip()
        return predictions

    def _rank(self, lm: Any, batch: Mapping, questions: list, context: Callable, predictions: list[dict]) -> None:
        if 'answers' not in batch:
            raise ConfigError(
                'rank=True scores each sample\'s answer set, but the batch has no "answers"; set rank=False.'
            )
        sets = [list(candidates) for candidates in batch['answers']]
        known = sorted({answer for candidates in sets for answer in candidates})
        ids = dict(zip(known, self.format.answers(lm.tokenizer, known), strict=True)) if known else {}
        candidates = [[ids[answer] for answer in names] for names in sets]
        scores = answer_log_probabilities(lm, questions, candidates, context, shortlist=self.shortlist)
        for prediction, names, tokens, row in zip(predictions, sets, candidates, scores, strict=True):
            if not names:
                continue
            lengths = torch.tensor([len(answer) for answer in tokens])
            row = row.cpu() / lengths if self.length_normalise else row.cpu()
            prediction['ranked'] = names[int(row.argmax())]
            prediction['scores'] = self._kept(names, row)

    def _kept(self, names: Sequence[str], scores: Tensor) -> dict[str, float]:
        kept = scores != -torch.inf  # the others are not on the shortlist
        if self.keep_scores is not None and self.keep_scores < len(names):
            kept &= scores >= scores.topk(self.keep_scores).values[-1]
        return {name: score for name, score, keep in zip(names, scores.tolist(), kept.tolist(), strict=True) if keep}
