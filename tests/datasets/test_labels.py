import hashlib
import json

import pytest

from mmalm.datasets.labels import check_labels, choose_labels, label_files, read_labels, vocabulary_content
from mmalm.errors import ConfigError, MissingDataError


def test_both_forms(tmp_path):
    for name, content in label_files(['yes', 'no', 'red']).items():
        (tmp_path / name).write_text(json.dumps(content))
        assert read_labels(tmp_path / name) == ('yes', 'no', 'red')


def test_the_most_frequent_are_chosen():
    answers = ['no'] * 9 + ['yes'] * 12 + ['blue'] * 9 + ['red'] * 8
    assert choose_labels(answers, 9) == ['yes', 'blue', 'no']
    assert choose_labels(answers, 1) == ['yes', 'blue', 'no', 'red']


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ([], 'has no answer'),
        ({}, 'has no answer'),
        (['a', 'b', 'a'], "1 answers twice, such as 'a'"),
        ({'a': 0, 'b': 2}, 'numbers 2 answers otherwise than from 0 to 1, each once: 1 is missing or out of place'),
        ({'a': 1, 'b': 1}, '0 is missing or out of place'),
        ({'a': 'x'}, 'has another content'),
        ('yes', 'has another content'),
        (['a', ' '], '1 empty answers, such as number 1'),
        ({'answers': ['a', 'b'], 'count': 3, 'rule': '', 'source': {}}, 'says that it has 3 answers, and has 2'),
        ({'answers': ['a', 'b'], 'count': 2, 'source': {}}, 'missing required field `rule`'),
        ({'answers': [], 'count': 0, 'rule': '', 'source': {}}, 'has no answer'),
        ({'answers': ['a', 'a'], 'count': 2, 'rule': '', 'source': {}}, "1 answers twice, such as 'a'"),
    ],
)
def test_mistakes(tmp_path, content, message):
    (tmp_path / 'labels.json').write_text(json.dumps(content))
    with pytest.raises(ConfigError, match=message):
        read_labels(tmp_path / 'labels.json')


def test_no_file(tmp_path):
    with pytest.raises(MissingDataError, match='answer labels: .*labels.json is not there'):
        read_labels(tmp_path / 'labels.json')


def test_a_vocabulary_says_where_it_is_from(tmp_path):
    (tmp_path / 'train.json').write_text('{}')
    content = vocabulary_content(['yes', 'no'], 'the most frequent', [tmp_path / 'train.json'])
    assert content == {
        'rule': 'the most frequent',
        'source': {'train.json': hashlib.sha256(b'{}').hexdigest()},
        'count': 2,
        'answers': ['yes', 'no'],
    }
    (tmp_path / 'vocabulary.json').write_text(json.dumps(content))
    assert read_labels(tmp_path / 'vocabulary.json') == ('yes', 'no')


def test_a_label_may_be_called_answers(tmp_path):
    (tmp_path / 'labels.json').write_text(json.dumps({'answers': 1, 'yes': 0}))
    assert read_labels(tmp_path / 'labels.json') == ('yes', 'answers')


def test_answers_of_a_config():
    assert check_labels(['yes', 'no'], 'answers') == ('yes', 'no')
    with pytest.raises(ConfigError, match='answer labels: answers has no answer'):
        check_labels([], 'answers')
