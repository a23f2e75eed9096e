"""Candidates as a tree: what is shared stands once, and every score is the sum along its own path."""

import pytest
import torch

from mmalm.heads.answer_tree import AnswerTree, grow

ANSWERS = [[5, 6, 2], [5, 7, 2], [5, 6, 8, 2], [9, 2], [2]]


def test_shared_beginnings_stand_once_and_last_tokens_do_not() -> None:
    (tree,) = grow(ANSWERS, range(5), most=100)
    assert tree.numbers == [4, 0, 2, 1, 3]  # in the order of their tokens
    assert tree.tokens == [5, 6, 8, 7, 9]
    assert tree.parents == [-1, 0, 1, 0, -1]
    assert tree.paths[tree.numbers.index(2)] == [(-1, 5), (0, 6), (1, 8), (2, 2)]


def test_a_branch_sees_itself_and_what_it_grew_from() -> None:
    (tree,) = grow(ANSWERS, range(5), most=100)
    assert tree.sees.int().tolist() == [
        [1, 0, 0, 0, 0],
        [1, 1, 0, 0, 0],
        [1, 1, 1, 0, 0],
        [1, 0, 0, 1, 0],
        [0, 0, 0, 0, 1],
    ]


@pytest.mark.parametrize('most', [1, 2, 3])
def test_trees_are_no_larger_than_they_may_be_unless_one_candidate_is(most: int) -> None:
    trees = grow(ANSWERS, [0, 1, 2, 3], most)
    assert sorted(number for tree in trees for number in tree.numbers) == [0, 1, 2, 3]
    assert all(len(tree) <= most or len(tree.numbers) == 1 for tree in trees)
    assert all(tree.numbers for tree in trees)


def test_scores_are_sums_along_the_paths() -> None:
    (tree,) = grow(ANSWERS, range(5), most=100)
    first, logits = torch.randn(10).log_softmax(-1), torch.randn(6, 10)
    after = logits.log_softmax(-1)
    expected = {0: first[5] + after[0, 6] + after[1, 2], 3: first[9] + after[4, 2], 4: first[2]}
    found = dict(zip(tree.numbers, tree.scores(first, logits), strict=True))
    for number, score in expected.items():
        torch.testing.assert_close(found[number], score)


def test_a_candidate_given_twice_is_scored_twice() -> None:
    tree = AnswerTree()
    tree.add(0, [4, 2])
    tree.add(1, [4, 2])
    assert len(tree) == 1
    scores = tree.scores(torch.zeros(5), torch.zeros(1, 5))
    assert scores[0] == scores[1] == -torch.tensor(5.0).log()
