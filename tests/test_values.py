"""Values of command lines; how options are made of them is tested with each of these."""

import pytest

from mmalm.errors import ConfigError
from mmalm.values import read_value, split_values

ASKED = '--here', 'Write it well.'


@pytest.mark.parametrize(
    ('text', 'value'),
    [
        ('12', 12),
        (' 1e-3 ', 1e-3),
        ('TRUE', True),
        ('null', None),
        ('two words', 'two words'),
        ("'Question: {question} Answer:'", 'Question: {question} Answer:'),
        ('[one word, two]', ['one word', 'two']),
        ('(1, a)', (1, 'a')),
        ("'12'", '12'),
        ('work_dirs/a b/x.json', 'work_dirs/a b/x.json'),
    ],
)
def test_a_value_is_what_python_or_a_person_reads(text, value):
    found = read_value(text, *ASKED)
    assert found == value and type(found) is type(value)


def test_commas_within_brackets_and_quotes_do_not_separate():
    assert split_values("1,[2,3],'a, b',(4,)", *ASKED) == ['1', '[2,3]', "'a, b'", '(4,)']


@pytest.mark.parametrize(
    ('text', 'said'), [('', 'an empty value. Write it well.'), ('{1', 'is no Python value'), ('"a', 'is no Python')]
)
def test_what_is_no_value(text, said):
    with pytest.raises(ConfigError, match=f'--here: .*{said}'):
        read_value(text, *ASKED)
    with pytest.raises(ConfigError, match='--here: .* is missing. Write it well.'):
        split_values('[1', *ASKED)
