import pytest

from mmalm.errors import ConfigError
from mmalm.metrics import GQAAccuracy
from mmalm.registry import METRICS

# answer given, answer known, structural and semantic type
TABLE = [
    ('Yes.', 'yes', 'verify', 'rel'),
    ('no', 'yes', 'verify', 'attr'),
    ('the dog', 'dog', 'query', 'obj'),
    ('a red bus', 'bus', 'query', 'obj'),
    ('left', 'left', 'choose', 'rel'),
]


def batch(table=TABLE, types=True):
    columns = {'references': [[row[1]] if row[1] else [] for row in table], 'answer': [row[1] for row in table]}
    if types:
        columns |= {'structural': [row[2] for row in table], 'semantic': [row[3] for row in table]}
    return columns


def scores(metric, table=TABLE, types=True, mode='generated'):
    metric.process(batch(table, types), [{'id': str(i), mode: row[0]} for i, row in enumerate(table)])
    return metric.evaluate(len(metric.results))


def test_overall_and_by_type():
    found = scores(GQAAccuracy())
    assert next(iter(found)) == 'gqa/overall'
    assert found == pytest.approx(
        {
            'gqa/overall': 3 / 5,
            'gqa/binary': 2 / 3,
            'gqa/open': 1 / 2,
            'gqa/structural/choose': 1.0,
            'gqa/structural/query': 1 / 2,
            'gqa/structural/verify': 1 / 2,
            'gqa/semantic/attr': 0.0,
            'gqa/semantic/obj': 1 / 2,
            'gqa/semantic/rel': 1.0,
        }
    )


def test_files_without_types_give_the_overall_score():
    assert scores(GQAAccuracy(), types=False) == {'gqa/overall': 3 / 5}
    assert scores(GQAAccuracy(types=False)) == {'gqa/overall': 3 / 5}


def test_the_ranked_answer_from_a_config():
    metric = METRICS.build(dict(type='GQAAccuracy', mode='ranked', prefix='val'))
    assert scores(metric, mode='ranked')['val/open'] == 1 / 2
    assert metric.score_names({'gqa': False}, ['ranked']) == []
    assert metric.score_names({'gqa': True}, ['ranked'])[:3] == ['val/overall', 'val/binary', 'val/open']
    assert metric.score_names(None, ['generated']) == []


def test_any_of_several_right_answers():
    assert GQAAccuracy().judge({'references': ['cat', 'kitten']}, {'generated': 'Kitten'}) == {'generated': True}
    assert GQAAccuracy().judge({'answer': 'cat'}, {'generated': 'dog'}) == {'generated': False}
    assert GQAAccuracy().judge({'references': []}, {'generated': 'dog'}) == {}


def test_no_answers_no_scores(capsys):
    assert scores(GQAAccuracy(), [(row[0], '', row[2], row[3]) for row in TABLE]) == {}
    assert 'none of 5 questions has answers' in capsys.readouterr().out


@pytest.mark.parametrize(
    ('act', 'message'),
    [
        (lambda: GQAAccuracy(mode='rank'), "unknown mode 'rank'. Did you mean 'ranked'"),
        (lambda: scores(GQAAccuracy(), mode='ranked'), "GQAAccuracy: the prediction of 0 has no 'generated' answer"),
        (lambda: scores(GQAAccuracy(), [*TABLE, ('x', '', '', '')]), '1 of 6 questions have no answers'),
    ],
)
def test_mistakes(act, message):
    with pytest.raises(ConfigError, match=message):
        act()
