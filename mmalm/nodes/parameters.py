"""What a config may write into a node: the names and types of its component's signature."""

import inspect
import typing
from dataclasses import dataclass
from typing import Any

from ..registry import Bound
from .walk import Node


@dataclass(frozen=True)
class Parameters:
    """What a node takes.

    Attributes:
        known: name to type; None where none is stated.
        needed: names that must be there.
        defaults: what is taken where the node says nothing.
        open: any other name is taken as well.
    """

    known: dict[str, Any]
    needed: tuple[str, ...]
    defaults: dict[str, Any]
    open: bool


def parameters_of(node: Node) -> Parameters:
    """What a config may write into a node whose component is known."""
    given = node.registry.given if isinstance(node.registry, Bound) else ()
    supplied = getattr(node.registry, 'context', ())
    also = dict(getattr(node.registry, 'also', {}))
    signature = _signature(node.component)
    types = _types(node.component)
    known, needed, defaults, unlimited = {}, [], {}, False
    for name, parameter in signature.parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            unlimited = True
        elif parameter.kind in (parameter.VAR_POSITIONAL, parameter.POSITIONAL_ONLY) or name in given:
            continue
        else:
            known[name] = types.get(name, parameter.annotation)
            if parameter.default is not parameter.empty:
                defaults[name] = parameter.default
            elif name not in supplied and not (isinstance(node.registry, Bound) and node.registry.partial):
                needed.append(name)
    known = {name: None if kind is inspect.Parameter.empty else kind for name, kind in known.items()}
    known |= also  # what is read from the config stands where the component itself is given something built
    return Parameters(known, tuple(needed), defaults, unlimited)


def _signature(component: Any) -> inspect.Signature:
    try:
        return inspect.signature(component)
    except (TypeError, ValueError):  # no signature that Python can tell: anything goes
        return inspect.Signature([inspect.Parameter('arguments', inspect.Parameter.VAR_KEYWORD)])


def _types(component: Any) -> dict[str, Any]:
    function = component.__init__ if inspect.isclass(component) else component
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except Exception:  # names that cannot be resolved from outside: nothing is held against the values
        return dict.fromkeys(_signature(component).parameters)
    return hints
