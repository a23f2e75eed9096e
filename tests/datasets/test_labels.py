import json

import pytest

from mmalm.datasets.labels import choose_labels, label_files, read_labels
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
    ],
)
def test_mistakes(tmp_path, content, message):
    (tmp_path / 'labels.json').write_text(json.dumps(content))
    with pytest.raises(ConfigError, match=message):
        read_labels(tmp_path / 'labels.json')


def test_no_file(tmp_path):
    with pytest.raises(MissingDataError, match='answer labels: .*labels.json is not there'):
        read_labels(tmp_path / 'labels.json')
