import numpy as np
import pytest

from mmalm.analysis.caption_baselines import ConsensusAnswer, NearestAnswer
from mmalm.metrics.captions.cider import cider, consensus


def constant(answers, **options):
    baseline = ConsensusAnswer(**options)
    features = np.zeros((len(answers), 2))
    baseline.fit(features, answers, features, answers)
    return baseline.predict(np.zeros((2, 2)))


def test_consensus_is_the_score_of_one_caption_for_all():
    texts = ['a great blue heron', 'a blue jay', 'an old car', 'a blue jay']
    for caption, score in consensus(texts, texts).items():
        alone = cider([caption] * len(texts), [[text] for text in texts])
        assert score == pytest.approx(sum(alone) / len(texts))


def test_the_most_frequent_caption_where_they_repeat():
    assert constant(['a cat', 'a dog', 'a dog', 'a bird']) == ['a dog', 'a dog']


def test_the_caption_that_shares_most_where_none_repeats():
    assert constant(['a red fox', 'a red bird', 'an old car', 'a red car', 'two of them'])[0] == 'a red car'


def test_as_written_and_the_same_in_any_order():
    texts = ['A Dog.', 'A cat.', 'A horse.']
    assert constant(texts) == constant(texts[::-1]) == ['A Dog.'] * 2


def test_more_texts_are_drawn_from():
    texts = ['a cat', 'a dog', 'a dog', 'a bird'] * 10
    assert constant(texts, most=5)[0] in texts


def test_the_nearest_by_the_angle():
    baseline = NearestAnswer()
    train = np.array([[1.0, 0.0], [5.0, 5.0]])
    baseline.fit(train, ['x', 'diagonal'], train, ['x', 'diagonal'])
    assert baseline.predict(np.array([[9.0, 1.0], [2.0, 3.0]])) == ['x', 'diagonal']
