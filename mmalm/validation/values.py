"""Whether a config's value is of the type that a signature states."""

import functools
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Union

from pydantic import ConfigDict, Strict, TypeAdapter, ValidationError

from ..config import unwrapped
from ..errors import closest

# a config is literal: '6' is no 6 and True is no 1, but 1 is a float, and a list is as good as a tuple
_RULES = ConfigDict(strict=True, arbitrary_types_allowed=True, allow_inf_nan=False)


def value_fault(value: Any, annotation: Any) -> str | None:
    """What is wrong with a value, or None.

    Args:
        value: as it stands in the config.
        annotation: a type; nothing is held against one that pydantic cannot read.
    """
    check = _checker(_Key(annotation))
    try:
        check(unwrapped(value))
    except ValidationError as error:
        return _words(value, annotation, error)
    except Exception:  # an annotation of someone else's that only fails in use
        return None
    return None


def type_text(annotation: Any) -> str:
    """An annotation as a user writes it: ``int | None``, ``list[str]``."""
    if annotation is type(None):
        return 'None'
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return type_text(parts[0])
    if origin in (Union, types.UnionType):
        return ' | '.join(dict.fromkeys(map(type_text, parts)))
    if origin is Literal:
        return ' | '.join(map(repr, parts))
    if origin is not None and origin is not Callable:
        inside = ', '.join('...' if part is Ellipsis else type_text(part) for part in parts)
        return f'{_name(origin)}[{inside}]'
    return _name(annotation)


def shown(value: Any, limit: int = 80) -> str:
    """A value in an error message."""
    text = repr(unwrapped(value))
    return text if len(text) <= limit else text[: limit - 4] + ' ...'


def _words(value: Any, annotation: Any, error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=True)
    choices = _choices(annotation)
    for entry in found:
        if entry['type'] == 'literal_error' and choices and isinstance(entry['input'], str):
            hint = closest(entry['input'], choices)
            listed = ', '.join(map(repr, choices))
            return f'unknown {entry["input"]!r}. {hint} Choose from {listed}.'.replace('  ', ' ')
    # of a union's branches, the one that got furthest knows what is wrong
    deepest = max(found, key=lambda entry: (entry['type'] in _RANGES, len(entry['loc'])))
    if deepest['type'] in _RANGES:
        what = deepest['msg'].split(' after validation')[0]
        for begin in ('Input should', 'Value should', 'List should', 'Tuple should'):
            what = what.replace(begin, 'must')
        place = [str(part) for part in deepest['loc'] if isinstance(part, int)]
        return f'{what}, found {shown(deepest["input"] if place else value)}.'
    return f'expected {type_text(annotation)}, found {shown(value)} ({type(value).__name__}).'


_RANGES = ('greater_than', 'greater_than_equal', 'less_than', 'less_than_equal', 'multiple_of', 'too_short', 'too_long')


def _choices(annotation: Any) -> list[str]:
    """The strings that an annotation lists, wherever in it."""
    if typing.get_origin(annotation) is Literal:
        return [part for part in typing.get_args(annotation) if isinstance(part, str)]
    return [choice for part in typing.get_args(annotation) for choice in _choices(part)]


class _Key:
    """An annotation to cache by: equal ones need not be alike (``Literal[1]`` and ``Literal[True]``), some have no hash."""

    def __init__(self, annotation: Any):
        self.annotation = annotation

    def __hash__(self) -> int:
        return hash(repr(self.annotation))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and repr(self.annotation) == repr(other.annotation)


@functools.lru_cache(maxsize=4096)
def _checker(key: _Key) -> Callable[[Any], Any]:
    for annotation in (lambda: _lenient(key.annotation), lambda: key.annotation):
        for rules in (_RULES, None):  # pydantic lets a dataclass have its own rules alone
            try:
                return TypeAdapter(annotation(), config=rules).validate_python
            except Exception:  # no type, or one that pydantic cannot check
                continue
    return lambda value: value


def _lenient(annotation: Any) -> Any:
    """The annotation with lists and tuples exchangeable, and a str where a path is asked for."""
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation is Path:
        return Path | str
    if annotation is list or annotation is tuple:
        return Sequence
    if origin in (list, set, frozenset, Sequence) or (origin is tuple and len(parts) == 2 and parts[1] is Ellipsis):
        return Sequence[_lenient(parts[0])]
    if origin is tuple:
        return typing.Annotated[tuple[tuple(_lenient(part) for part in parts)], Strict(False)]
    if origin in (dict, Mapping):
        return Mapping[tuple(_lenient(part) for part in parts)]
    if origin is typing.Annotated:
        return typing.Annotated[(_lenient(parts[0]), *annotation.__metadata__)]
    if origin in (Union, types.UnionType):
        return Union[tuple(_lenient(part) for part in parts)]  # noqa: UP007  (built from parts)
    return annotation


def _name(annotation: Any) -> str:
    if annotation in (Mapping, dict):
        return 'dict'
    if annotation is Sequence:
        return 'list'
    name = getattr(annotation, '__name__', None) or str(annotation)
    module = getattr(annotation, '__module__', '')
    return f'torch.{name}' if module.split('.')[0] == 'torch' and name in ('dtype', 'device') else name
