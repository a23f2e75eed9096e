import pytest

from mmalm.engine.hooks.progress_hook import duration


@pytest.mark.parametrize(('seconds', 'text'), [(0.4, '0:00'), (59.6, '1:00'), (3599, '59:59'), (3723, '1:02:03')])
def test_duration(seconds, text):
    assert duration(seconds) == text
