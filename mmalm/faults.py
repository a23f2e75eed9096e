"""Where in a config a fault is, and finding all faults of a config instead of the first.

A component that builds others wraps each in :func:`attempt`. That changes nothing while a model is built to be used. While a
config is checked, inside :func:`gathering`, a part that fails is noted and stands in as :class:`Missing`, and building goes on
with whatever does not need it.
"""

import contextlib
import contextvars
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .errors import MissingDataError, MmalmError

T = TypeVar('T')


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a config.

    Attributes:
        path: of the config node, as in ``model.encoder``; empty for the whole config.
        message: what was wrong, what was found, what to do.
    """

    path: str
    message: str

    def __str__(self) -> str:
        text = f'{self.path}: {self.message}' if self.path else self.message
        return text.strip().replace('\n', '\n    ')


@dataclass
class Gathered:
    """What building came upon.

    Attributes:
        faults: of the config.
        absent: what could not be looked at, since a file or model is not on this machine.
        faulty: paths of config nodes that are known to be at fault: they are left out.
    """

    faulty: frozenset[str] = frozenset()
    faults: list[Fault] = field(default_factory=list)
    absent: list[MissingDataError] = field(default_factory=list)


class Missing:
    """Stands in for a part that could not be built; what reads from it is left out."""

    def __getattr__(self, name: str) -> Any:
        raise _LeftOut(name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise _LeftOut('call')


class _LeftOut(Exception):
    pass


_node: contextvars.ContextVar[str] = contextvars.ContextVar('config_node', default='')
_gathered: contextvars.ContextVar[Gathered | None] = contextvars.ContextVar('gathered', default=None)


@contextlib.contextmanager
def config_node(key: str | None) -> Iterator[str]:
    """Enter the config node ``key`` below the present one; yields its full path, as in ``model.encoder``.

    An error on its way out is given the path as ``config_node``, unless it has that of a node below already.
    """
    here = _node.get()
    path = here if not key else f'{here}.{key}' if here else key
    token = _node.set(path)
    try:
        yield path
    except Exception as error:
        if not getattr(error, 'config_node', ''):
            error.config_node = path
        raise
    finally:
        _node.reset(token)


@contextlib.contextmanager
def gathering(faulty: Iterable[str] = ()) -> Iterator[Gathered]:
    """Inside, :func:`attempt` notes faults instead of raising them.

    Args:
        faulty: paths of config nodes that are known to be at fault, and are not built.
    """
    gathered = Gathered(frozenset(faulty))
    token = _gathered.set(gathered)
    try:
        yield gathered
    finally:
        _gathered.reset(token)


def leave_out_faulty(path: str) -> None:
    """Stop building the config node at ``path`` where it is known to be at fault."""
    gathered = _gathered.get()
    if gathered is not None and path in gathered.faulty:
        raise _LeftOut(path)


def part(model: Any, name: str) -> Any:
    """An attribute of a model whose parts may be missing; None where it cannot be had."""
    try:
        found = getattr(model, name, None)
    except Exception:  # what it is worked out from is missing or at fault
        return None
    return None if isinstance(found, Missing) else found


def attempt(make: Callable[[], T], *needs: Any) -> T | Any:
    """``make()``; while faults are gathered, :class:`Missing` where it fails or needs something that is missing.

    Args:
        make: builds a part.
        needs: other parts without which there is no point.
    """
    gathered = _gathered.get()
    if gathered is None:
        return make()
    if any(isinstance(need, Missing) for need in needs):
        return Missing()
    try:
        return make()
    except _LeftOut:
        pass
    except MissingDataError as error:
        gathered.absent.append(error)
    except Exception as error:  # a user's values may make a component fail in any way
        message = '\n'.join(map(str, error.args))
        if not isinstance(error, MmalmError):
            message = f'cannot be built with these values: {type(error).__name__}: {error}'
        gathered.faults.append(Fault(getattr(error, 'config_node', '') or _node.get(), message))
    return Missing()
