"""Types of values as a config writes them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Optional

import pytest
import torch
from annotated_types import Ge, Gt, MinLen
from mmengine.config import ConfigDict

from mmalm.encoders import Preprocessing
from mmalm.validation.values import shown, type_text, value_fault


@pytest.mark.parametrize(
    ('value', 'annotation'),
    [
        (1, int),
        (1, float),
        (True, bool),
        ('x', str),
        (None, int | None),
        (None, Optional[int]),  # noqa: UP045
        ([1, 2], tuple[int, int]),
        ((1, 2), list[int]),
        ((0.5, 1), Sequence[float]),
        ([[1], [2, 3]], list[tuple[int, ...]]),
        ({'a': 1}, dict[str, int]),
        (ConfigDict(a=1), Mapping),
        (ConfigDict(a=[1]), Mapping[str, Any] | None),
        ('x', Path),
        ('a', Literal['a', 'b'] | None),
        (torch.float32, str | torch.dtype),
        (ConfigDict(size=3), Preprocessing | Mapping | None),
        (len, Callable[[list], Any]),
        (0, Annotated[int, Ge(0)]),
        (object(), Any),
        (5, 'no type at all'),
    ],
)
def test_what_is_right(value, annotation):
    assert value_fault(value, annotation) is None


@pytest.mark.parametrize(
    ('value', 'annotation', 'fault'),
    [
        ('1', int, "expected int, found '1' (str)."),
        (True, int, 'expected int, found True (bool).'),
        (1, bool, 'expected bool, found 1 (int).'),
        (True, float, 'expected float, found True (bool).'),
        (None, int, 'expected int, found None (NoneType).'),
        ('ab', Sequence[str], "expected list[str], found 'ab' (str)."),
        ('ab', list[str] | None, "expected list[str] | None, found 'ab' (str)."),
        ([1, 2, 3], tuple[int, int], 'must have at most 2 items, found [1, 2, 3].'),
        ([1, 'x'], list[int], "expected list[int], found [1, 'x'] (list)."),
        (3, Mapping, 'expected dict, found 3 (int).'),
        (3, str | Path | None, 'expected str | Path | None, found 3 (int).'),
        ('c', Literal['ab', 'bc'], "unknown 'c'. Did you mean 'bc'? Choose from 'ab', 'bc'."),
        ('abb', Literal['ab', 'xy'] | None, "unknown 'abb'. Did you mean 'ab'? Choose from 'ab', 'xy'."),
        (['abb'], Sequence[Literal['ab', 'xy']], "unknown 'abb'. Did you mean 'ab'? Choose from 'ab', 'xy'."),
        (-1, Annotated[int, Ge(0)], 'must be greater than or equal to 0, found -1.'),
        (0, Annotated[float, Gt(0)] | None, 'must be greater than 0, found 0.'),
        ([], Annotated[list[int], MinLen(1)], 'must have at least 1 item, found [].'),
        (float('nan'), float, 'expected float, found nan (float).'),
        (float('inf'), float | None, 'expected float | None, found inf (float).'),
    ],
)
def test_what_is_wrong(value, annotation, fault):
    assert value_fault(value, annotation) == fault


def test_long_values_are_cut():
    assert shown(list(range(100))).endswith(' ...') and len(shown(list(range(100)))) == 80


def test_types_as_they_are_written():
    assert type_text(Annotated[list[int], MinLen(1)] | None) == 'list[int] | None'
    assert type_text(tuple[float, ...]) == 'tuple[float, ...]'
    assert type_text(str | torch.dtype) == 'str | torch.dtype'
