"""Arguments that constructors hand on unchanged, written once, and checked by name and type all the same."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

# of a data set of files, as RowsDataset has them
SHARED = ('preprocessing', 'transform', 'fold', 'limit', 'seed', 'shuffle_media', 'check_media', 'unreadable')


def hands_on(taker: Callable, *names: str) -> Callable[[Callable], Callable]:
    """Decorate a constructor that hands ``**others`` on, so that its signature has their names, types and defaults.

    What a config gives is checked by it, and ``others`` holds all of them, those left open with the taker's defaults.

    Args:
        taker: the constructor they are handed on to.
        names: which of its arguments may be given; they become keyword-only.

    Raises:
        ValueError: the taker has no such argument, or the constructor takes no ``**others``.
    """
    known = inspect.signature(taker).parameters

    def decorate(constructor: Callable) -> Callable:
        own = inspect.signature(constructor).parameters.values()
        missing = [name for name in names if name not in known]
        if missing or not any(p.kind is p.VAR_KEYWORD for p in own):
            what = f'{missing[0]!r} is no argument of {taker.__qualname__}' if missing else 'it takes no **others'
            raise ValueError(f'{constructor.__qualname__} cannot hand arguments on: {what}.')
        kept = [p for p in own if p.kind is not p.VAR_KEYWORD]
        handed = [known[name].replace(kind=inspect.Parameter.KEYWORD_ONLY) for name in names]
        signature = inspect.Signature([*kept, *handed])

        @functools.wraps(constructor)
        def checked(*args: Any, **kwargs: Any) -> None:
            try:
                given = signature.bind(*args, **kwargs)
            except TypeError as error:
                raise TypeError(f'{constructor.__qualname__}: {error}') from None
            given.apply_defaults()
            constructor(*given.args, **given.kwargs)

        checked.__signature__ = signature
        checked.__annotations__ = {
            p.name: p.annotation for p in signature.parameters.values() if p.annotation is not p.empty
        }
        return checked

    return decorate
