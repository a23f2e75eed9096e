"""A config node against the signature of the component it names."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import ConfigError, closest
from ..faults import Fault
from ..nodes import Node, Parameters, parameters_of
from ..registry import Bound
from .values import shown, value_fault

PLAIN = (str, int, float, list, tuple)
# what MMEngine takes out of a dict that replaces or extends one of a base config; elsewhere it stays
LEFTOVERS = {
    '_base_': 'names base configs at the top of a config file alone',
    '_delete_': 'replaces a dict of a base config, and no base has one here',
}


def node_faults(node: Node) -> Iterator[Fault]:
    """What is wrong with a node by itself: its type, the names and the types of its arguments."""
    if not isinstance(node.arguments, Mapping):
        if node.arguments is None or isinstance(node.arguments, PLAIN):
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
    also = getattr(node.registry, 'also', {})
    # what surrounds a component hands it the rest
    own = [name for name in parameters.known if name in also or name not in getattr(node.registry, 'context', ())]
    takes = f'{owner} takes {", ".join(own) or "no arguments"}.'
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
    if (
        kind is None
        and name not in node.nested
        or (name in parameters.defaults and _same(value, parameters.defaults[name]))
    ):
        return
    if name in node.nested:
        if isinstance(value, Mapping):
            return  # it is looked at as a node of its own
        if kind is Any and (value is None or isinstance(value, PLAIN)):
            yield Fault(f'{node.path}.{name}', f'expected a dict, found {shown(value)}.')
            return
    fault = value_fault(value, kind)
    if fault is not None:
        yield Fault(f'{node.path}.{name}', fault)


def _same(value: Any, default: Any) -> bool:
    return value is default or (type(value) is type(default) and isinstance(value, PLAIN) and value == default)
