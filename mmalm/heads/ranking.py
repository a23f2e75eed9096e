"""Scoring closed-set answers by their log-probability after the question.

Legend: B batch, L question length, A answers of all samples together, La answer length, V vocabulary.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ..injection import Injected
from ..padding import pad_left

ROWS_PER_PASS = 256


@torch.no_grad()
def answer_log_probabilities(
    lm: Any,
    questions: Sequence[Sequence[int]],
    answers: Sequence[Sequence[Sequence[int]]],
    context: Callable[[Tensor], Injected | None],
    use_cache: bool | None = None,
) -> list[Tensor]:
    """Sum of the token log-probabilities of each candidate answer, end token included.

    The question and the perceptual tokens pass through the model once; the answers continue from its cache.

    Args:
        lm: a :class:`~mmalm.lms.CausalLM`.
        questions: B token lists.
        answers: for each sample its candidates, as token lists.
        context: from the span ``[B, L]`` a connector may read to what ``lm.forward`` is to inject.
        use_cache: off: every answer passes with its whole question, as ``visibility='all'`` needs. By the injection unless told.

    Returns:
        For each sample, ``[number of its candidates]``.
    """
    device = next(lm.parameters()).device
    ids, mask = pad_left(questions, lm.pad_id, device)
    injection = context(mask.bool())
    owners = [i for i, candidates in enumerate(answers) for _ in candidates]
    flat = [list(answer) for candidates in answers for answer in candidates]
    if not flat:
        return [torch.empty(0, device=device) for _ in answers]
    if use_cache is None:
        use_cache = injection is None or injection.cacheable
    if use_cache:
        scores = _cached(lm, ids, mask, injection, owners, flat)
    else:
        scores = _uncached(lm, questions, owners, flat, context, device)
    return list(scores.split([len(candidates) for candidates in answers]))


def _cached(
    lm: Any, ids: Tensor, mask: Tensor, injection: Injected | None, owners: list[int], flat: list[list[int]]
) -> Tensor:
    scores = []
    for start in range(0, len(flat), ROWS_PER_PASS):
        rows = torch.tensor(owners[start : start + ROWS_PER_PASS], device=ids.device)
        samples, inverse = rows.unique(return_inverse=True)
        part = None if injection is None else injection.select(samples)
        cache = lm.new_cache(part)
        first = lm(ids[samples], mask[samples], injection=part, cache=cache, logits_to_keep=1)
        cache.batch_select_indices(inverse)
        targets, real = _pad_right(flat[start : start + ROWS_PER_PASS], lm.pad_id, ids.device)
        logits = first[inverse]
        if targets.shape[1] > 1:
            seen = torch.cat([mask[rows], real[:, :-1].long()], dim=1)
            part = None if part is None else part.select(inverse)
            rest = lm(targets[:, :-1], seen, injection=part, cache=cache)
            logits = torch.cat([logits, rest], dim=1)
        scores.append(_sum_log_probabilities(logits, targets, real))
    return torch.cat(scores)


def _uncached(
    lm: Any, questions: Sequence, owners: list[int], flat: list, context: Callable, device: torch.device
) -> Tensor:
    # rows of one answer index at a time keep one row a sample, which is what ``context`` was made for
    scores = torch.empty(len(flat), device=device)
    places: dict[int, list[int]] = {}
    for place, owner in enumerate(owners):
        places.setdefault(owner, []).append(place)
    for turn in range(max(map(len, places.values()))):
        chosen = [places[i][min(turn, len(places[i]) - 1)] if i in places else None for i in range(len(questions))]
        tails = [flat[place] if place is not None else [lm.pad_id] for place in chosen]
        ids, mask = pad_left([[*q, *tail] for q, tail in zip(questions, tails, strict=True)], lm.pad_id, device)
        longest = max(map(len, tails))
        columns = torch.arange(ids.shape[1], device=device)
        lengths = torch.tensor([len(tail) for tail in tails], device=device)
        span = mask.bool() & (columns[None] < ids.shape[1] - lengths[:, None])
        logits = lm(ids, mask, injection=context(span), logits_to_keep=longest + 1)[:, :-1]
        real = columns[None, -longest:] >= ids.shape[1] - lengths[:, None]
        summed = _sum_log_probabilities(logits, ids[:, -longest:], real)
        for row, place in enumerate(chosen):
            if place is not None:
                scores[place] = summed[row]
    return scores


def _pad_right(rows: list[list[int]], pad_id: int, device: torch.device) -> tuple[Tensor, Tensor]:
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True, padding_value=pad_id)
    lengths = torch.tensor([len(row) for row in rows])
    return ids.to(device), (torch.arange(ids.shape[1])[None] < lengths[:, None]).to(device)


def _sum_log_probabilities(logits: Tensor, targets: Tensor, real: Tensor) -> Tensor:
    chosen = logits.float().log_softmax(-1).gather(-1, targets[..., None])[..., 0]
    return (chosen * real).sum(-1)
