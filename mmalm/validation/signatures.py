"""A config node against the signature of the component it names."""

import inspect
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import ConfigError, closest
from ..faults import Fault
from ..nodes import Node
from ..registry import Bound
from .values import shown, value_fault

PLAIN = (str, int, float, list, tuple)
# what MMEngine takes out of a dict that replaces or extends one of a base config; elsewhere it stays
LEFTOVERS = {
    '_base_': 'names base configs at the top of a config file alone',
    '_delete_': 'replaces a dict of a base config, and no base has one here',
}


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


def node_faults(node: Node) -> Iterator[Fault]:
    """What is wrong with a node by itself: its type, the names and the types of its arguments."""
    if not isinstance(node.arguments, Mapping):
        if isinstance(node.arguments, PLAIN):
            registry = getattr(node.registry, 'name', None)
            kind = f'a dict with a "type" from the registry {registry!r}' if registry else 'a dict'
            yield Fault(node.path, f'expected {kind}, found {shown(node.arguments)}.')
        return
    if node.component is None:
        try:
            node.registry.component(node.type)
        except ConfigError as error:
            yield Fault(node.path, str(error))
        return
    parameters = parameters_of(node)
    owner = getattr(node.component, '__name__', str(node.component))
    takes = f'{owner} takes {", ".join(parameters.known) or "no arguments"}.'
    arguments = dict(node.arguments)
    if not isinstance(node.registry, Bound):
        arguments.pop('type', None)
    for name, value in arguments.items():
        if name in LEFTOVERS:
            yield Fault(node.path, f'{name!r} is left over: it {LEFTOVERS[name]}. Take it out.')
        elif name in parameters.known:
            yield from _argument_faults(node, parameters, name, value)
        elif not parameters.open:
            hint = closest(name, parameters.known)
            yield Fault(node.path, f'unknown argument {name!r}. {hint} {takes}'.replace('  ', ' '))
    for name in parameters.needed:
        if name not in arguments:
            near = [key for key in arguments if key not in parameters.known and closest(key, [name])]
            if not near:  # a misspelt one is named above
                yield Fault(node.path, f'the argument {name!r} is missing. {takes}')


def _argument_faults(node: Node, parameters: Parameters, name: str, value: Any) -> Iterator[Fault]:
    kind = parameters.known[name]
    if kind is None or (name in parameters.defaults and _same(value, parameters.defaults[name])):
        return
    # what stands there is looked at as a node of its own; whatever is built already needs no look
    if name in node.nested and value is not None and isinstance(value, (Mapping, *PLAIN)):
        return
    fault = value_fault(value, kind)
    if fault is not None:
        yield Fault(f'{node.path}.{name}', fault)


def _same(value: Any, default: Any) -> bool:
    return value is default or (type(value) is type(default) and isinstance(value, PLAIN) and value == default)


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
