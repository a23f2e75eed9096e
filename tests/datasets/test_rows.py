import pytest

from mmalm.datasets.rows import clean_question


@pytest.mark.parametrize(
    ('text', 'expected'),
    [
        ('What is this?', 'What is this?'),
        ('What is this', 'What is this?'),
        ('What  is\tthis ??\n', 'What is this?'),
        ('What is this? ?', 'What is this?'),
        ('Name it.', 'Name it.'),
        ('Really?! What?', 'Really?! What?'),
        ('  ', ''),
    ],
)
def test_a_question_ends_with_one_mark(text, expected):
    assert clean_question(text) == expected
