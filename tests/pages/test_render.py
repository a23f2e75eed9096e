import pytest
from jinja2 import UndefinedError

from mmalm.pages.render import environment, number, percent, score


def test_values_are_escaped_and_must_be_given():
    template = environment().from_string('<p title="{{ x }}">{{ x }}</p>')
    assert template.render(x='"<&') == '<p title="&#34;&lt;&amp;">&#34;&lt;&amp;</p>'
    with pytest.raises(UndefinedError):
        template.render()


def test_numbers():
    assert (number(1784), number(3.905)) == ('1,784', '3.90')
    assert (score(0.62365), score(None), percent(0.254)) == ('0.6237', '–', '25.4 %')
