import torch
from engine_standins import StandInModel, standin_loader

from mmalm.engine.references import closed_set_features, run_baselines


class Loader(list):
    """Ready batches in place of a loader."""

    sampler = None


def batch(tasks, features):
    answers = [['x'] if task != 'open' else [] for task in tasks]
    return {'features': features, 'task': tasks, 'answer': ['x'] * len(tasks), 'answers': answers}


def test_features_are_gathered_by_task_flat_and_open_tasks_left_out():
    features = torch.arange(12.0).reshape(3, 2, 2)
    found = closed_set_features(StandInModel(), Loader([batch(['kind', 'open', 'kind'], features)]))
    assert list(found) == [('kind', '')]
    features, answers = found['kind', '']
    assert features.tolist() == [[0, 1, 2, 3], [8, 9, 10, 11]]
    assert answers == ['x', 'x']


def test_features_come_from_the_encoder_where_there_is_no_cache():
    model = StandInModel()
    loader = standin_loader(shuffle=False, jitter=0)
    found = closed_set_features(model, loader)
    expected = model.encoder(torch.stack([loader.dataset[i]['pixels'] for i in range(1, 12, 2)])).cls
    torch.testing.assert_close(found['kind', 'image'][0], expected.flatten(1))


def test_a_task_that_was_not_trained_has_no_baseline_and_then_nothing_stands_for_all():
    trained = Loader([batch(['kind'], torch.zeros(1, 1, 2))])
    scored = Loader([batch(['kind', 'name'], torch.zeros(2, 1, 2))])
    report = run_baselines([dict(type='AlwaysFirst')], StandInModel(), trained, trained, scored)
    assert list(report['AlwaysFirst']) == ['ranked/kind']


def test_the_overall_figure_weighs_samples_alike():
    train = Loader([batch(['kind', 'name'], torch.zeros(2, 1, 2))])
    scored = Loader([batch(['kind', 'kind', 'kind', 'name'], torch.zeros(4, 1, 2))])
    scored[0]['answer'] = ['x', 'x', 'x', 'y']
    report = run_baselines([dict(type='AlwaysFirst')], StandInModel(), train, train, scored)
    assert report == {'AlwaysFirst': {'ranked/overall': 0.75, 'ranked/kind': 1.0, 'ranked/name': 0.0}}
