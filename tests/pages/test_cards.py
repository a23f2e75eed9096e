import math

import pytest

from mmalm.pages.cards import card, choose, verdict


def prediction(i=0, ranked=1.0, **more):
    base = {'id': f's{i}', 'media': 'm', 'task': 'kind', 'question': 'What?', 'answer': 'cat'}
    return {**base, 'ranked': 'cat', 'generated': 'Cat.', 'correct': {'ranked': ranked, 'generated': 0.0}, **more}


@pytest.mark.parametrize(
    ('share', 'word'), [(1.0, 'right'), (0.0, 'wrong'), (0.3, 'partly'), (True, 'right'), (None, 'unjudged')]
)
def test_verdicts(share, word):
    assert verdict(share) == word


def test_a_card_of_a_closed_set():
    scores = {'dog': math.log(0.3), 'cat': math.log(0.5), 'cow': math.log(0.1)}
    shown = card(7, prediction(scores=scores))
    assert [(bar['answer'], bar['right']) for bar in shown['bars']] == [('cat', True), ('dog', False), ('cow', False)]
    # shares within the set, whatever else the language model might have said
    assert [bar['share'] for bar in shown['bars']] == pytest.approx([5 / 9, 3 / 9, 1 / 9])
    assert shown['margin'] == pytest.approx(math.log(5 / 3))
    assert (shown['place'], shown['verdict'], shown['generated_verdict']) == (7, 'right', 'wrong')
    assert [(m['mode'], m['text'], m['verdict']) for m in shown['modes']] == [
        ('ranked', 'cat', 'right'),
        ('generated', 'Cat.', 'wrong'),
    ]
    assert shown['search'] == 's0 m what? cat cat cat.'


def test_scores_far_below_zero_have_shares_too():
    shown = card(0, prediction(scores={'cat': -2000.0, 'dog': -2001.0}))
    assert shown['bars'][0]['share'] == pytest.approx(1 / (1 + math.exp(-1)))


def test_an_open_question_goes_by_its_generated_text():
    shown = card(0, prediction(ranked=0.0) | {'ranked': None, 'scores': {}, 'correct': {'generated': 1.0}})
    assert (shown['verdict'], shown['predicted'], shown['bars'], shown['margin']) == ('right', 'Cat.', [], None)


def test_what_is_judged_comes_before_what_is_merely_given():
    shown = card(0, prediction() | {'correct': {'generated': 0.0}})
    assert (shown['verdict'], shown['predicted']) == ('wrong', 'Cat.')
    assert card(0, prediction() | {'correct': {}})['predicted'] == 'cat'
    assert card(0, prediction() | {'ranked': None, 'generated': None})['predicted'] is None


def test_few_predictions_are_all_shown():
    assert choose([prediction(i) for i in range(5)], 5) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(('wrong', 'shown_wrong'), [(200, 50), (30, 30), (970, 70), (0, 0)])
def test_half_of_the_places_are_for_what_is_wrong(wrong, shown_wrong):
    predictions = [prediction(i, ranked=float(i >= wrong)) for i in range(1000)]
    places = choose(predictions, 100)
    assert len(places) == len(set(places)) == 100 and places == sorted(places)
    assert sum(place < wrong for place in places) == shown_wrong
    assert places == choose(predictions, 100)
    assert places != list(range(100)) or wrong == 0


def test_a_classifiers_scores_are_probabilities():
    given = {'id': 'c', 'task': 'kind', 'question': '?', 'answer': 'dog', 'correct': {'classified': 0.0}}
    shown = card(0, {**given, 'classified': 'cat', 'scores': {'dog': 0.25, 'cat': 0.5, 'cow': 0.0}})
    assert (shown['predicted'], shown['verdict']) == ('cat', 'wrong')
    assert [(bar['answer'], bar['share'], bar['right']) for bar in shown['bars']] == [
        ('cat', 0.5, False),
        ('dog', 0.25, True),
        ('cow', 0.0, False),
    ]
    assert shown['margin'] == pytest.approx(math.log(2))
