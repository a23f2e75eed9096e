"""Candidate answers as a tree of their tokens: beginnings that several share stand there once.

Legend: C candidates, n branches (beginnings that something follows), V vocabulary.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

Answer = Sequence[int]


@dataclass
class AnswerTree:
    """Some candidates of one sample.

    Attributes:
        tokens: ``n`` token ids: the branches, each behind its parent. Last tokens of candidates are no branches: nothing follows
            them, so that no pass needs them.
        parents: ``n`` indices of branches; -1 is the question.
        paths: for each candidate, by step, the branch that its token is predicted from (-1: the question) and the token.
        numbers: for each candidate, its place among all of the sample.
    """

    tokens: list[int] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    paths: list[list[tuple[int, int]]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    _branch: dict[tuple[int, int], int] = field(default_factory=dict)

    def __len__(self) -> int:
        """n."""
        return len(self.tokens)

    def add(self, number: int, answer: Answer) -> None:
        """Put a candidate in."""
        path, here = [], -1
        for step, token in enumerate(answer):
            path.append((here, token))
            if step + 1 == len(answer):
                break
            below = self._branch.setdefault((here, token), len(self.tokens))
            if below == len(self.tokens):
                self.tokens.append(token)
                self.parents.append(here)
            here = below
        self.paths.append(path)
        self.numbers.append(number)

    @functools.cached_property
    def sees(self) -> Tensor:
        """``[n, n]`` bool: each branch sees itself and what it grew from. To be asked for when all candidates are in."""
        seen = torch.eye(len(self), dtype=torch.bool)
        for branch, parent in enumerate(self.parents):
            if parent >= 0:
                seen[branch] |= seen[parent]
        return seen

    def scores(self, first: Tensor, logits: Tensor | None) -> Tensor:
        """Sums of the token log-probabilities ``[C]``.

        Args:
            first: ``[V]`` log-probabilities behind the question.
            logits: ``[n or more, V]`` behind each branch; ``None`` where there is none.
        """
        device = first.device
        steps = [(row, branch, token) for row, path in enumerate(self.paths) for branch, token in path]
        rows, branches, tokens = torch.tensor(steps, device=device).T
        found = first[tokens]
        if logits is not None:
            after = logits[branches, tokens].float() - logits.float().logsumexp(-1)[branches]
            found = torch.where(branches < 0, found, after)
        return torch.zeros(len(self.paths), device=device, dtype=found.dtype).index_add(0, rows, found)


def grow(answers: Sequence[Answer], numbers: Sequence[int], most: int) -> list[AnswerTree]:
    """Trees of the candidates ``numbers`` of a sample's ``answers``, each of about ``most`` branches at most."""
    trees: list[AnswerTree] = []
    for number in sorted(numbers, key=lambda number: tuple(answers[number])):  # neighbours share their beginnings
        if not trees or (len(trees[-1]) and len(trees[-1]) + len(answers[number]) - 1 > most):
            trees.append(AnswerTree())
        trees[-1].add(number, answers[number])
    return trees
