import numpy as np
import pytest

from mmalm.analysis.caption_baselines import ConsensusAnswer, NearestAnswer
from mmalm.metrics.captions.cider import cider, consensus


def constant(answers, **options):
    baseline = ConsensusAnswer(**options)
    features = np.zeros((len(answers), 2))
    baseline.fit(features, answers, features, answers)
    return baseline.predict(np.zeros((2, 2)))


def test_consensus_is_the_score_of_one_caption_for_all_others():
    texts = ['a great blue heron', 'a blue jay', 'an old car', 'a blue jay']
    for caption, score in consensus(texts, texts).items():
        alone = cider([caption] * len(texts), [[text] for text in texts])
        del alone[texts.index(caption)]
        assert score == pytest.approx(sum(alone) / 3)


def test_consensus_by_hand():
    # the cosine of single words is ln(2)^2 / (ln(2)^2 + ln(4)^2) = 1/5, of longer n-grams 0: 10 * 1/5 / 4, over 3 others
    texts = ['big cat', 'big dog', 'an old red fox', 'no one else is here']
    assert consensus(texts, texts) == pytest.approx({'big cat': 1 / 6, 'big dog': 1 / 6, texts[2]: 0, texts[3]: 0})
    assert consensus(['one'], ['one']) == {'one': 0}


def test_a_long_caption_that_is_like_no_other_is_not_chosen_for_matching_itself():
    assert constant(['an old red fox', 'big cat', 'big dog', 'no one else is here'])[0] == 'big cat'


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
