"""Scoring closed-set answers by their log-probability after the question.

Legend: B batch, L question length, C candidates of a sample, V vocabulary.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ..injection import Injected, PerceptualCache
from ..padding import pad_left
from .answer_tree import Answer, AnswerTree, grow

BRANCHES_PER_TREE = 256  # every branch meets every other in attention: more would cost more than the passes they save
BRANCHES_PER_PASS = 1024  # bounds the logits, V wide

Context = Callable[[Tensor], Injected | None]


@torch.no_grad()
def answer_log_probabilities(
    lm: Any,
    questions: Sequence[Answer],
    answers: Sequence[Sequence[Answer]],
    context: Context,
    use_cache: bool | None = None,
    shortlist: int | None = None,
) -> list[Tensor]:
    """Sum of the token log-probabilities of each candidate answer, end token included.

    The question and the perceptual tokens pass through the model once. A sample's candidates go on from its cache as a tree: side
    by side in one row, where beginnings that several share stand once, and each branch sees the question and what it grew from. So
    the cache is repeated for no candidate, and each gets the score it has alone.

    Args:
        lm: a :class:`~mmalm.lms.CausalLM`.
        questions: B token lists.
        answers: for each sample its candidates, as token lists.
        context: from the span ``[B, L]`` a connector may read to what ``lm.forward`` is to inject.
        use_cache: off: every answer passes with its whole question, as ``visibility='all'`` needs. By the injection unless told.
        shortlist: score only so many candidates, those whose first token is likeliest (as ALBEF does, arXiv 2107.07651), and
            all that are as likely as the last of them.

    Returns:
        For each sample, ``[C]``; -inf for candidates that are not on the shortlist.
    """
    device = next(lm.parameters()).device
    ids, mask = pad_left(questions, lm.pad_id, device)
    injection = context(mask.bool())
    if use_cache is None:
        use_cache = injection is None or injection.cacheable
    if not any(answers):
        return [torch.empty(0, device=device) for _ in answers]
    cache = lm.new_cache(injection) if use_cache else None
    first = lm(ids, mask, injection=injection, cache=cache, logits_to_keep=1)[:, -1].float().log_softmax(-1)
    chosen = [_shortlist(row, candidates, shortlist) for row, candidates in zip(first, answers, strict=True)]
    scores = [first.new_full((len(candidates),), -torch.inf) for candidates in answers]
    if cache is None:
        _uncached(lm, questions, answers, chosen, context, scores)
        return scores
    trees = _grown(answers, chosen)
    together = max(1, BRANCHES_PER_PASS // max(1, *(len(tree) for row in trees for tree in row)))
    for start in range(0, len(trees), together):
        rows = slice(start, start + together)
        part = None if injection is None else injection.select(torch.arange(len(ids), device=device)[rows])
        _score_trees(lm, mask[rows], part, cache.view(rows), first[rows], trees[rows], scores[rows])
    return scores


def _shortlist(first: Tensor, candidates: Sequence[Answer], shortlist: int | None) -> list[int]:
    if shortlist is None or len(candidates) <= shortlist:
        return list(range(len(candidates)))
    likely = first[torch.tensor([candidate[0] for candidate in candidates], device=first.device)]
    return (likely >= likely.topk(shortlist).values[-1]).nonzero()[:, 0].tolist()


def _grown(answers: Sequence[Sequence[Answer]], chosen: Sequence[Sequence[int]]) -> list[list[AnswerTree]]:
    known: dict[tuple, list[AnswerTree]] = {}  # a set that all samples share is worked through once
    trees = []
    for candidates, numbers in zip(answers, chosen, strict=True):
        key = tuple(map(tuple, candidates)), tuple(numbers)
        if key not in known:
            known[key] = grow(candidates, numbers, BRANCHES_PER_TREE)
        trees.append(known[key])
    return trees


def _score_trees(
    lm: Any,
    mask: Tensor,
    injection: Injected | None,
    cache: PerceptualCache,
    first: Tensor,
    trees: Sequence[Sequence[AnswerTree]],
    scores: Sequence[Tensor],
) -> None:
    """Fill in the scores of some samples, one tree of each in a pass."""
    for turn in range(max(map(len, trees))):
        now = {sample: row[turn] for sample, row in enumerate(trees) if turn < len(row)}
        branches = [now[sample].tokens if sample in now else [] for sample in range(len(trees))]
        logits: list[Tensor | None] = [None] * len(trees)
        if any(branches):
            tokens, real = _pad_right(branches, lm.pad_id, mask.device)
            sees = torch.eye(tokens.shape[1], dtype=torch.bool).repeat(len(trees), 1, 1)
            for sample, tree in now.items():
                sees[sample, : len(tree), : len(tree)] = tree.sees
            seen, sees = torch.cat([mask, real.long()], dim=1), sees.to(mask.device)
            logits = list(lm(tokens, seen, injection=injection, cache=cache.view(slice(None)), tree=sees))
        for sample, tree in now.items():
            scores[sample][tree.numbers] = tree.scores(first[sample], logits[sample])


def _uncached(
    lm: Any,
    questions: Sequence[Answer],
    answers: Sequence[Sequence[Answer]],
    chosen: Sequence[Sequence[int]],
    context: Context,
    scores: Sequence[Tensor],
) -> None:
    # one candidate of every sample at a time keeps one row a sample, which is what ``context`` was made for
    device = scores[0].device
    for turn in range(max(map(len, chosen))):
        numbers = [row[min(turn, len(row) - 1)] if row else None for row in chosen]
        tails = [row[n] if n is not None else [lm.pad_id] for row, n in zip(answers, numbers, strict=True)]
        ids, mask = pad_left([[*q, *tail] for q, tail in zip(questions, tails, strict=True)], lm.pad_id, device)
        longest = max(map(len, tails))
        columns = torch.arange(ids.shape[1], device=device)
        lengths = torch.tensor([len(tail) for tail in tails], device=device)
        span = mask.bool() & (columns[None] < ids.shape[1] - lengths[:, None])
        logits = lm(ids, mask, injection=context(span), logits_to_keep=longest + 1)[:, :-1]
        real = columns[None, -longest:] >= ids.shape[1] - lengths[:, None]
        for sample, summed in enumerate(_sum_log_probabilities(logits, ids[:, -longest:], real)):
            if numbers[sample] is not None:
                scores[sample][numbers[sample]] = summed


def _pad_right(rows: list[list[int]], pad_id: int, device: torch.device) -> tuple[Tensor, Tensor]:
    ids = nn.utils.rnn.pad_sequence(
        [torch.tensor(row, dtype=torch.long) for row in rows], batch_first=True, padding_value=pad_id
    )
    lengths = torch.tensor([len(row) for row in rows])
    return ids.to(device), (torch.arange(ids.shape[1])[None] < lengths[:, None]).to(device)


def _sum_log_probabilities(logits: Tensor, targets: Tensor, real: Tensor) -> Tensor:
    chosen = logits.float().log_softmax(-1).gather(-1, targets[..., None])[..., 0]
    return (chosen * real).sum(-1)
