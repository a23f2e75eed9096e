import pytest

from mmalm.pages.scores import MANY, headline, score_columns, score_groups, wilson


def results(**changes):
    predictions = [{'task': 'kind', 'correct': {'ranked': float(i < 3), 'generated': 0.0}} for i in range(4)]
    predictions.append({'task': 'name', 'correct': {'generated': 1.0}})
    scores = {'ranked/overall': 0.75, 'ranked/kind': 0.75, 'generated/overall': 0.2, 'generated/kind': 0.0}
    return {
        'split': 'val',
        'metrics': {'val': {**scores, 'generated/name': 1.0}},
        'controls': {'val': {'shuffled_media': {'ranked/overall': 0.25}}},
        'baselines': {'val': {'Majority': {'ranked/overall': 0.8, 'ranked/kind': 0.8}}},
        'predictions': predictions,
        **changes,
    }


def test_columns_stand_in_order():
    assert list(score_columns(results())) == ['model', 'shuffled_media', 'Majority']


def test_the_table_by_mode_and_task():
    ranked, generated = score_groups(results())
    assert [(row['name'], row['samples']) for row in ranked['rows']] == [('overall', 4), ('kind', 4)]
    assert [(row['name'], row['samples']) for row in generated['rows']] == [('overall', 5), ('kind', 4), ('name', 1)]
    assert [(c['value'], c['width'], c['best']) for c in ranked['rows'][1]['cells']] == [
        (0.75, 0.75, False),
        (None, None, False),
        (0.8, 0.8, True),
    ]


def test_nested_and_large_scores():
    scores = {'vqa/overall': 2.0, **{f'vqa/question_type/{n}': 0.1 for n in range(MANY + 1)}}
    first, types = score_groups(results(metrics={'val': scores}, controls={}, baselines={}))
    assert (first['mode'], first['many']) == ('vqa', False)
    assert (types['mode'], types['many'], len(types['rows'])) == ('vqa/question_type', True, MANY + 1)
    assert first['rows'][0]['cells'][0]['width'] == 1.0 and first['rows'][0]['samples'] is None


def test_the_headline_is_the_first_score():
    found = headline(results())
    assert (found['name'], found['value'], found['asked']) == ('ranked/overall', 0.75, 4)
    assert [(bar['name'], bar['value']) for bar in found['bars']] == [
        ('model', 0.75),
        ('shuffled_media', 0.25),
        ('Majority', 0.8),
    ]
    assert found['interval'] == wilson(0.75, 4) and found['verdicts'] == {'wrong': 1, 'right': 3}


def test_partly_right_answers_have_a_mean_and_no_interval():
    soft = [{'task': 'vqa', 'correct': {'generated': share}} for share in (0.3, 0.9, 0.0)]
    found = headline(results(predictions=soft, metrics={'val': {'vqa/overall': 0.4}}))
    assert (found['asked'], found['interval'], found['verdicts']) == (3, None, {'wrong': 1, 'partly': 2})


def test_a_score_that_is_no_share_of_questions_has_no_interval():
    found = headline(results(metrics={'val': {'cider': 1.3}}))
    assert (found['asked'], found['interval']) == (None, None) and found['bars'][0]['width'] == 1.0


def test_without_scores_there_is_no_headline():
    assert headline(results(metrics={'val': {}})) is None and score_groups(results(metrics={'val': {}})) == []


def test_wilson():
    # Wilson (1927), as statsmodels' proportion_confint(8, 10, method='wilson') gives it
    assert wilson(0.8, 10) == pytest.approx((0.49016, 0.94332), abs=2e-5)
    assert wilson(1.0, 5)[1] == 1.0 and wilson(0.0, 5)[0] == 0.0
