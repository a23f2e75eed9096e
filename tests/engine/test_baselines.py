import pytest
import torch
from engine_standins import StandInModel, standin_loader

from mmalm.engine.asked import Kind, asked_of
from mmalm.engine.baselines import run_baselines
from mmalm.engine.evaluation import build_evaluator
from mmalm.metrics.captions.scores import caption_scores

KIND = Kind('kind', '', closed=True)


class Loader(list):
    """Ready batches in place of a loader."""

    sampler = None


def batch(tasks, features, answer=None):
    answers = [['x'] if task != 'open' else [] for task in tasks]
    return {'features': features, 'task': tasks, 'answer': answer or ['x'] * len(tasks), 'answers': answers}


def report(baseline, train, val, scored, metric='AnswerAccuracy'):
    evaluator = build_evaluator([dict(type=metric)])
    return run_baselines([dict(type=baseline)], StandInModel(), train, val, scored, evaluator)[baseline]


def test_features_are_gathered_by_task_flat_and_open_tasks_apart():
    features = torch.arange(12.0).reshape(3, 2, 2)
    found = asked_of(StandInModel(), Loader([batch(['kind', 'open', 'kind'], features)]))
    assert list(found) == [KIND, Kind('open', '', closed=False)]
    assert found[KIND].features.tolist() == [[0, 1, 2, 3], [8, 9, 10, 11]]
    assert found[KIND].answers == ['x', 'x']
    assert found[KIND].samples[0] == {'task': 'kind', 'answer': 'x', 'answers': ['x']}


def test_features_come_from_the_encoder_where_there_is_no_cache():
    model = StandInModel()
    loader = standin_loader(shuffle=False, jitter=0)
    found = asked_of(model, loader)
    expected = model.encoder(torch.stack([loader.dataset[i]['pixels'] for i in range(1, 12, 2)])).cls
    torch.testing.assert_close(found['kind', 'image', True].features, expected.flatten(1))


def test_a_task_that_was_not_trained_has_no_baseline_and_then_nothing_stands_for_all():
    trained = Loader([batch(['kind'], torch.zeros(1, 1, 2))])
    scored = Loader([batch(['kind', 'name'], torch.zeros(2, 1, 2))])
    assert list(report('AlwaysFirst', trained, trained, scored)) == ['ranked/kind']


def test_the_overall_figure_weighs_samples_alike():
    train = Loader([batch(['kind', 'name'], torch.zeros(2, 1, 2))])
    scored = Loader([batch(['kind', 'kind', 'kind', 'name'], torch.zeros(4, 1, 2), ['x', 'x', 'x', 'y'])])
    found = report('AlwaysFirst', train, train, scored)
    assert found == {'ranked/overall': 0.75, 'ranked/kind': 1.0, 'ranked/name': 0.0}


def captions(texts, references=None):
    features = torch.eye(len(texts))[:, None]
    extra = {'references': references or [[text] for text in texts], 'id': [str(i) for i in range(len(texts))]}
    return Loader([batch(['open'] * len(texts), features, texts) | extra])


def test_a_baseline_for_open_questions_is_scored_by_the_metrics_against_all_references():
    train = captions(['a dog', 'a dog', 'a red fox'])
    references = [['a dog runs', 'a dog'], ['a cat']]
    found = report('ConsensusAnswer', train, train, captions(['a dog runs', 'a cat'], references), 'CaptionScores')
    expected = caption_scores(['a dog', 'a dog'], references, ['cider', 'bleu', 'rouge_l'])
    assert found == {f'generated/{name}': pytest.approx(score) for name, score in expected.items()}
    assert expected['bleu1'] > 0.5
    # what is left over would count in the next evaluation
    assert report('AlwaysFirst', train, train, train) == {}


def test_the_nearest_picture_lends_its_text():
    train = captions(['a dog', 'a red fox', 'a cat'])
    assert report('NearestAnswer', train, train, captions(['a dog', 'a cat', 'a cat']))['generated/overall'] == 2 / 3


def test_an_open_baseline_says_nothing_of_closed_questions():
    closed = Loader([batch(['kind'], torch.zeros(1, 1, 2))])
    assert report('NearestAnswer', closed, closed, closed) == {}


def test_nothing_of_a_baseline_is_left_in_the_metrics():
    train = captions(['a dog', 'a cat'])
    evaluator = build_evaluator([dict(type='CaptionScores')])
    run_baselines([dict(type='NearestAnswer')], StandInModel(), train, train, train, evaluator)
    assert evaluator.metrics[0].results == []
