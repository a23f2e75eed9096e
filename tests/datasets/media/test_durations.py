"""A stream that ends before its file says; what real files note is seen by the tests of videos and sounds."""

from fractions import Fraction
from types import SimpleNamespace

import pytest

from mmalm.datasets.media.durations import refuse_cut_off


def held(seconds, tolerated=0.0, name='mov,mp4,m4a', duration=None, unit=Fraction(1, 1000), clock=None):
    stream = SimpleNamespace(duration=duration, time_base=unit, metadata={'DURATION': clock} if clock else {})
    refuse_cut_off(SimpleNamespace(format=SimpleNamespace(name=name)), stream, seconds, tolerated)


def test_a_tenth_may_lack():
    held(9.1, duration=10_000)
    with pytest.raises(ValueError, match='it is cut off: 8.90 of 10.00 s are there'):
        held(8.9, duration=10_000)
    held(8.9, tolerated=2.0, duration=10_000)


def test_matroska_notes_it_as_a_clock():
    noted = dict(name='matroska,webm', clock='01:02:03.500000000')
    held(3600.0, **noted)
    with pytest.raises(ValueError, match='3300.00 of 3723.50 s'):
        held(3300.0, **noted)


@pytest.mark.parametrize('stated', [dict(name='aac', duration=10_000), dict(), dict(clock='soon')])
def test_what_is_guessed_or_not_noted_refuses_nothing(stated):
    held(1.0, **stated)
