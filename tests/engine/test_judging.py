from types import SimpleNamespace

from mmalm.engine.judging import judging
from mmalm.metrics import AnswerAccuracy


class Soft:
    """Half right where the batch says so."""

    def judge(self, sample, prediction):
        return {'generated': sample['share'], 'ranked': 0.25}


def predictions():
    return [
        {'answer': 'cat', 'ranked': 'dog', 'generated': 'A cat.'},
        {'answer': 'cat', 'ranked': None, 'generated': 'dog'},
    ]


def judged(*metrics):
    found = predictions()
    judging(SimpleNamespace(metrics=list(metrics)))(
        0, {'pixels': None, 'answer': ['cat'] * 2, 'share': [0.5, 1]}, found
    )
    return [prediction['correct'] for prediction in found]


def test_each_prediction_is_judged_as_its_metric_counts():
    assert judged(AnswerAccuracy()) == [{'ranked': 0.0, 'generated': 1.0}, {'generated': 0.0}]


def test_the_batch_is_there_to_judge_by():
    assert judged(Soft()) == [{'generated': 0.5, 'ranked': 0.25}, {'generated': 1.0, 'ranked': 0.25}]


def test_the_first_metric_holds_and_others_fill_in():
    assert judged(AnswerAccuracy(modes=['ranked']), Soft()) == [
        {'ranked': 0.0, 'generated': 0.5},
        {'ranked': 0.25, 'generated': 1.0},
    ]


def test_metrics_that_cannot_tell_are_passed_over():
    assert judged(object()) == [{}, {}]
