import numpy as np
import pytest
import torch

from mmalm.analysis.baselines import KNearestNeighbours, LinearProbe, MajorityAnswer
from mmalm.errors import ConfigError
from mmalm.registry import BASELINES

ALL = ('MajorityAnswer', 'KNearestNeighbours', 'LinearProbe')


def fitted(baseline, train, answers, val=None, val_answers=None):
    train = np.asarray(train, dtype=np.float32)
    baseline.fit(train, answers, train if val is None else np.asarray(val), val_answers or answers)
    return baseline


class TestMajorityAnswer:
    def test_the_most_frequent_training_answer(self):
        baseline = fitted(MajorityAnswer(), np.zeros((3, 2)), ['b', 'a', 'b'], np.zeros((4, 2)), ['a'] * 4)
        assert baseline.predict(np.zeros((2, 2))) == ['b', 'b']

    def test_the_first_in_the_alphabet_of_equals(self):
        assert fitted(MajorityAnswer(), np.zeros((4, 2)), ['c', 'b', 'b', 'c']).predict(np.zeros((1, 2))) == ['b']


class TestKNearestNeighbours:
    def test_nearness_is_the_angle(self):
        # (9, 1) is nearer to (5, 5) in distance, and to (1, 0) in angle
        train, answers = [[1, 0], [5, 5]], ['x', 'diagonal']
        assert fitted(KNearestNeighbours([1]), train, answers).predict(np.array([[9.0, 1.0]])) == ['x']

    def test_the_vote_of_k(self):
        train, answers = [[1, 0], [1, 0.2], [1, 0.3], [0, 1]], ['odd', 'a', 'a', 'b']
        queries = np.array([[1.0, 0.0]])
        assert fitted(KNearestNeighbours([1]), train, answers).predict(queries) == ['odd']
        assert fitted(KNearestNeighbours([3]), train, answers).predict(queries) == ['a']

    def test_k_is_chosen_on_validation_pictures(self):
        train, answers = [[1, 0], [1, 0.2], [1, 0.3], [0, 1]], ['odd', 'a', 'a', 'b']
        assert fitted(KNearestNeighbours([1, 3]), train, answers, [[1.0, 0.0]], ['a']).chosen == 3
        assert fitted(KNearestNeighbours([1, 3]), train, answers, [[1.0, 0.0]], ['odd']).chosen == 1

    def test_of_equally_good_ones_the_first(self):
        assert fitted(KNearestNeighbours(), [[1, 0], [0, 1]], ['a', 'b'], [[1.0, 0.0]], ['c']).chosen == 1

    def test_fewer_pictures_than_neighbours(self):
        assert fitted(KNearestNeighbours([15]), [[1, 0], [1, 0.1], [0, 1]], ['a', 'a', 'b']).predict(
            np.array([[0.0, 1.0]])
        ) == ['a']


class TestLinearProbe:
    def test_it_tells_apart_what_a_plane_does(self):
        generator = np.random.default_rng(0)
        features = generator.normal(size=(90, 5))
        answers = ['yes' if row[0] - row[1] > 0 else 'no' for row in features]
        baseline = fitted(LinearProbe(), features[:60], answers[:60], features[60:], answers[60:])
        assert np.mean([p == a for p, a in zip(baseline.predict(features[60:]), answers[60:], strict=True)]) > 0.85

    def test_the_scale_of_a_feature_does_not_matter(self):
        generator = np.random.default_rng(0)
        features = generator.normal(size=(60, 4))
        answers = ['yes' if row[0] > 0 else 'no' for row in features]
        scaled = features * np.array([1e-4, 1, 1e3, 1])
        plain = fitted(LinearProbe([1e-2]), features, answers).predict(features.astype(np.float32))
        assert fitted(LinearProbe([1e-2]), scaled, answers).predict(scaled.astype(np.float32)) == plain

    def test_its_strength_is_chosen_on_validation_pictures(self):
        # seven pictures say 'a' by feature 0, one says otherwise: only a weak penalty follows the odd one out
        train = [[1.0]] * 4 + [[-1.0]] * 3 + [[-9.0]]
        answers = ['a'] * 7 + ['b']
        assert fitted(LinearProbe([1e-6, 1e2]), train, answers, [[-9.0]], ['b']).chosen == 1e2
        assert fitted(LinearProbe([1e-6, 1e2]), train, answers, [[1.0]], ['a']).chosen == 1e-6


@pytest.mark.parametrize('name', ALL)
class TestEvery:
    def test_built_by_name_and_given_tensors(self, name):
        baseline = BASELINES.build(dict(type=name), key='baselines.0')
        features = torch.tensor([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.8, 0.0]])
        baseline.fit(features, ['a', 'a', 'b', 'a'], features, ['a', 'a', 'b', 'a'])
        predicted = baseline.predict(features[:2])
        assert predicted == ['a', 'a'] and {type(answer) for answer in predicted} == {str}

    def test_one_answer_alone(self, name):
        baseline = fitted(BASELINES.build(dict(type=name), key='b'), [[1, 0], [0, 1]], ['a', 'a'])
        assert baseline.predict(np.array([[3.0, 3.0]])) == ['a']

    def test_an_answer_that_training_never_saw(self, name):
        baseline = fitted(
            BASELINES.build(dict(type=name), key='b'), [[1, 0], [0, 1]], ['a', 'b'], np.array([[1.0, 1.0]]), ['c']
        )
        assert baseline.predict(np.array([[5.0, 0.1]])) == ['a']


@pytest.mark.parametrize('choices', [[], [0], [-1, 3]])
def test_choices(choices):
    with pytest.raises(ConfigError, match='KNearestNeighbours: choices are one or more positive numbers'):
        KNearestNeighbours(choices)
    with pytest.raises(ConfigError, match='LinearProbe: choices'):
        LinearProbe(choices)
