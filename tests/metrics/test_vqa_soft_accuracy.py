"""The accuracy of one question, by hand."""

import pytest

from mmalm.metrics.vqa_soft_accuracy import agreement, soft_accuracy, soft_answers


def brute_force(matching, total):
    """The mean over every set of all annotators but one."""
    gave = [1] * matching + [0] * (total - matching)
    return sum(min(1, sum(gave[:left] + gave[left + 1 :]) / 3) for left in range(total)) / total


@pytest.mark.parametrize(('matching', 'expected'), [(0, 0), (1, 0.3), (2, 0.6), (3, 0.9), (4, 1), (10, 1)])
def test_ten_annotators(matching, expected):
    assert agreement(matching, 10) == pytest.approx(expected)


def test_agreement_is_the_leave_one_out_mean():
    for total in range(1, 12):
        for matching in range(total + 1):
            assert agreement(matching, total) == pytest.approx(brute_force(matching, total))


DIFFER = ['yes'] * 7 + ['no'] * 2 + ['maybe']
AGREE = ['yes'] * 10


@pytest.mark.parametrize(
    ('answer', 'human_answers', 'current', 'older'),
    [
        ('yes', DIFFER, 1, 1),
        ('no', DIFFER, 0.6, 0.6),
        ('maybe', DIFFER, 0.3, 0.3),
        ('Maybe.', DIFFER, 0.3, 0.3),
        ('perhaps', DIFFER, 0, 0),
        # where all agree nothing is normalised now, and the model's answer alone was
        ('yes', AGREE, 1, 1),
        ('yes\n', AGREE, 1, 1),
        ('Yes', AGREE, 0, 1),
        ('yes.', AGREE, 0, 1),
        # annotators' words stayed as they were, so a word that is a number never matched
        ('none', ['none'] * 9 + ['0'], 1, 0.3),
        ('0', ['none'] * 9 + ['0'], 1, 0.3),
        ('none', ['none'] * 10, 1, 0),
        # annotators' punctuation goes where they differ
        ('t shirt', ['t-shirt'] * 9 + ['shirt'], 1, 1),
        ('t-shirt', ['t-shirt'] * 10, 1, 0),
        # blanks around an annotator's answer
        ('red', [' red'] * 5 + ['blue'] * 5, 1, 0),
    ],
)
def test_both_scripts(answer, human_answers, current, older):
    assert soft_accuracy(answer, human_answers) == pytest.approx(current)
    assert soft_accuracy(answer, human_answers, 'older') == pytest.approx(older)


MIXED = ['two'] * 3 + ['2'] * 2 + ['A dog', 'dog', 'the dog.', '', 'cat']


@pytest.mark.parametrize(
    ('rule', 'humans', 'expected'),
    [
        ('counted', MIXED, {'two': 0.9, '2': 0.6, 'A dog': 0.3, 'dog': 0.3, 'the dog.': 0.3, 'cat': 0.3}),
        ('official', MIXED, {'2': 1.0, 'dog': 0.9, 'cat': 0.3}),
        # where all agree the official script normalises nothing
        ('official', ['The Dog'] * 10, {'The Dog': 1.0}),
        ('counted', ['The Dog'] * 10, {'The Dog': 1.0}),
        ('official', [], {}),
    ],
)
def test_targets_of_a_classifier(rule, humans, expected):
    assert soft_answers(humans, rule) == pytest.approx(expected)


def test_an_official_target_is_the_accuracy_the_answer_gets():
    for humans in (MIXED, DIFFER, AGREE, ['The Dog'] * 10):
        targets = soft_answers(humans, 'official')
        assert targets == pytest.approx({answer: soft_accuracy(answer, humans) for answer in targets})
