"""Numbers worked out by hand."""

import math

import pytest

from mmalm.sweep.statistics import paired, summarise


def test_three_numbers():
    # mean 0.4, deviations -0.2, 0, 0.2: variance 0.08 / 2; t(0.975, 2) = 4.302653 from a printed table
    summary = summarise([0.2, 0.4, 0.6])
    assert (summary.n, summary.mean, summary.std) == (3, pytest.approx(0.4), pytest.approx(0.2))
    assert summary.half == pytest.approx(4.302653 * 0.2 / math.sqrt(3), rel=1e-6)
    assert summary.as_dict()['interval'] == pytest.approx([0.4 - 0.4968275, 0.4 + 0.4968275], abs=1e-6)


def test_two_numbers():
    # std |b - a| / sqrt 2, t(0.975, 1) = 12.706205: half = 12.706205 |b - a| / 2
    assert summarise([1.0, 2.0]).half == pytest.approx(12.706205 / 2, rel=1e-6)


def test_one_number_has_no_spread():
    assert summarise([0.5]).as_dict() == {'n': 1, 'mean': 0.5, 'std': None, 'interval': None}


def test_no_number():
    assert summarise([]).as_dict() == {'n': 0, 'mean': None, 'std': None, 'interval': None}


def test_equal_numbers():
    assert summarise([0.1] * 3).as_dict() == {'n': 3, 'mean': 0.1, 'std': 0.0, 'interval': [0.1, 0.1]}


def test_pairs_are_of_one_seed():
    assert paired({0: 1.0, 1: 2.0, 5: 0.0}, {1: 2.5, 0: 1.25, 7: 9.0}) == {1: 0.5, 0: 0.25}
