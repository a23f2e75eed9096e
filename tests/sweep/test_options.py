"""The text of --options."""

import re
from pathlib import Path

import pytest

from mmalm.errors import ConfigError
from mmalm.sweep.options import parse_options


@pytest.mark.parametrize(
    ('text', 'values'),
    [
        ('k=12,18', [12, 18]),
        ('k=1e-3, 0.5', [1e-3, 0.5]),
        ('k=true,False,none', [True, False, None]),
        ('k=1,true', [1, True]),
        ('k=cosine,warm-up', ['cosine', 'warm-up']),
        ('k=[kind],[kind,name]', [['kind'], ['kind', 'name']]),
        ('k=(1,2),(3,)', [(1, 2), (3,)]),
        ('k=[[1,a],[b]]', [[[1, 'a'], ['b']]]),
        ('k=[]', [[]]),
        ("k='a, b',c", ['a, b', 'c']),
        ('k=["a,b", c]', [['a,b', 'c']]),
        ("k='12',12", ['12', 12]),
        ("k=''", ['']),
        ("k={'a': 1},{'a': 2}", [{'a': 1}, {'a': 2}]),
        ("k=don't,do", ["don't", 'do']),
        ('k=a=b', ['a=b']),
        ('k=zoo:dinov2-small,models/vit', ['zoo:dinov2-small', 'models/vit']),
    ],
)
def test_values(text, values):
    (found,) = parse_options([text]).values()
    assert found == values and [type(v) for v in found] == [type(v) for v in values]


def test_keys_in_the_order_given():
    assert list(parse_options(['b.c=1', 'a=2', 'b.a=3']).items()) == [('b.c', [1]), ('a', [2]), ('b.a', [3])]


@pytest.mark.parametrize(
    ('texts', 'message'),
    [
        (['start'], "'start': no key and values. Write KEY=VALUE,VALUE"),
        (['=3'], 'no key and values'),
        (['k='], 'an empty value'),
        (['k=1,,2'], 'an empty value'),
        (['k=[1,2'], "']' is missing"),
        (["k='a,b"], '"\'" is missing'),
        (['k=1],2'], "']' closes nothing"),
        (['k=1,2,1.0'], 'the value 1.0 stands there twice'),
        (['k=1', 'k=2'], "'k' is given twice"),
        (['seed=1,2'], 'use --seeds'),
        (['work_dir=a,b'], 'use --work-dir'),
        (['k={a: 1}'], 'is no Python value'),
    ],
)
def test_mistakes(texts, message):
    with pytest.raises(ConfigError) as caught:
        parse_options(texts)
    assert message in str(caught.value)


def test_what_the_page_shows():
    page = (Path(__file__).parents[2] / 'docs' / 'sweep.md').read_text(encoding='utf-8')
    (table,) = re.findall(r'\| written \|.*?\n\n', page, re.DOTALL)
    written = [text.strip('"') for text in re.findall(r'^\| `([^`]+)`', table, re.MULTILINE)]
    assert [len(*parse_options([text]).values()) for text in written] == [2] * 6
