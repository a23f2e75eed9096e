import json

import pytest

from mmalm.datasets.submission import texts_by_id, write_submission
from mmalm.errors import ConfigError

IDS = [7, 3, 5]


def predictions(**changes):
    answers = {'3': 'Two.', '5': 'a red/blue one', '7': ''} | changes
    return [{'id': identity, 'generated': answer, 'ranked': None} for identity, answer in answers.items()]


def test_every_row_in_the_files_order():
    assert list(texts_by_id(IDS, predictions()).items()) == [(7, ''), (3, 'Two.'), (5, 'a red/blue one')]


def test_ranked_answers_where_none_is_generated():
    ranked = [{'id': str(i), 'generated': None, 'ranked': 'Yes'} for i in IDS]
    assert set(texts_by_id(IDS, ranked).values()) == {'Yes'}


def test_the_same_prediction_twice_is_one():
    assert texts_by_id(IDS, predictions() + predictions()) == texts_by_id(IDS, predictions())


@pytest.mark.parametrize(
    ('given', 'message'),
    [
        (predictions()[:1], '2 questions have no prediction, such as 7, 5'),
        ([], '3 questions have no prediction, such as 7, 3, 5'),
        (predictions() + [{'id': '9', 'generated': 'x'}], '1 predictions are of no question, such as 9'),
        (predictions() + [{'id': '3', 'generated': 'x'}], 'question 3 has two predictions that differ'),
        (
            [{'id': '3', 'generated': None, 'ranked': None}],
            'of 3 has no answer, neither generated nor ranked nor classified',
        ),
    ],
)
def test_mistakes(given, message):
    with pytest.raises(ConfigError, match=message):
        texts_by_id(IDS, given)


@pytest.mark.parametrize('mode', ['generated', 'ranked', 'classified'])
def test_whichever_way_it_was_answered(mode):
    given = [{'id': name, mode: f'answer {name}'} for name in ('3', '5', '7')]
    assert texts_by_id(IDS, given) == {7: 'answer 7', 3: 'answer 3', 5: 'answer 5'}


def test_files(tmp_path):
    records = [{'pairID': '1.jpg#0r1n', 'prediction': 'neutral'}, {'pairID': '1.jpg#0r1e', 'prediction': 'a "b"'}]
    write_submission(tmp_path / 's.json', records)
    assert json.loads((tmp_path / 's.json').read_text()) == records
    write_submission(tmp_path / 's.tsv', records)
    lines = ['pairID\tprediction', '1.jpg#0r1n\tneutral', '1.jpg#0r1e\t"a ""b"""']
    assert (tmp_path / 's.tsv').read_text().splitlines() == lines
