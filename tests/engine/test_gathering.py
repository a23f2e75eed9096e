"""Scores that need the whole corpus, gathered over two processes."""

import json

import torch
from forks import together

from mmalm.engine import distributed
from mmalm.engine.evaluation import build_evaluator
from mmalm.engine.gathering import Parts

# how rare a word is depends on all references; their number differs, and one process has nothing of the last batch
BATCHES = [
    [
        ('a.jpg', 'a dog runs on the beach', ['A dog is running on a beach.', 'the dog runs']),
        ('b.jpg', 'a cat', ['A cat sleeps on the sofa.']),
        ('c.jpg', '', ['Two birds.', 'birds in a tree', 'a tree with birds']),
    ],
    [('d.jpg', 'two birds in a tree', ['two birds sit in the tree', 'birds'])],
]
METRICS = [dict(type='CaptionScores')]


def scored(shares):
    """Scores and predictions of a process that has these stretches of the batches."""
    evaluator, predictions = build_evaluator(METRICS), []
    parts = Parts(evaluator)
    for rows in shares:
        made = [{'id': media, 'media': media, 'generated': text} for media, text, _ in rows]
        if rows:
            evaluator.process(data_samples=made, data_batch={'references': [texts for *_, texts in rows]})
        predictions += made
        parts.end_of_batch(predictions)
    return parts.together(predictions)


def test_captions_of_two_processes_score_as_those_of_one(tmp_path):
    def function():
        torch.set_num_threads(1)
        with distributed.launch('pytorch'):
            rank = distributed.rank()
            halves = [
                batch[: (len(batch) + 1) // 2] if rank == 0 else batch[(len(batch) + 1) // 2 :] for batch in BATCHES
            ]
            (tmp_path / f'{rank}.json').write_text(json.dumps([[len(half) for half in halves], *scored(halves)]))

    expected, predictions = scored(BATCHES)
    assert 0 < expected['generated/cider'] < 10 and len(expected) == 6
    ended = together([function] * 2, tmp_path)
    assert [child.code for child in ended] == [0, 0], ended
    (first, scores, made), (second, elsewhere, nothing) = (
        json.loads((tmp_path / f'{rank}.json').read_text()) for rank in (0, 1)
    )
    assert (first, second) == ([2, 1], [1, 0])
    assert scores == elsewhere == expected
    assert made == predictions and nothing == []
