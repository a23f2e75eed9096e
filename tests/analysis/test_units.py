"""Figures as text."""

import pytest

from mmalm.analysis.units import duration, gigabytes, scaled, table


@pytest.mark.parametrize(
    ('value', 'text'),
    [
        (0, '0 FLOP'),
        (999, '999.0 FLOP'),
        (1000, '1.000 kFLOP'),
        (1.2345e12, '1.234 TFLOP'),
        (9.9e18, '9.900 EFLOP'),
        (1.2e21, '1200 EFLOP'),
    ],
)
def test_scaled(value, text):
    assert scaled(value, 'FLOP') == text


@pytest.mark.parametrize(('value', 'text'), [(13_316_947_968, '13.32 GB'), (10**7, '0.01 GB'), (524_288, '0.52 MB')])
def test_gigabytes(value, text):
    assert gigabytes(value) == text


@pytest.mark.parametrize(
    ('seconds', 'text'), [(0.01234, '0.0123 s'), (59, '59 s'), (90, '1.5 min'), (7200, '2.0 h'), (129600, '1.5 days')]
)
def test_duration(seconds, text):
    assert duration(seconds) == text


def test_table():
    assert table([['a', 'long'], ['bb', '1'], ['c', '']], rules=(1, 2)) == 'a   long\n--------\nbb     1\n--------\nc'
