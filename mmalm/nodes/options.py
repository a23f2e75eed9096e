"""``--cfg-options``: values of a config changed from the command line, whatever is there or could be."""

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from mmengine.config import Config

from ..errors import ConfigError, closest
from ..keys import KEYS
from ..registry import Bound, ByName
from .parameters import parameters_of
from .walk import TOP, Node, component_of, nodes


def set_options(config: Config, options: Mapping[str, Any] | None) -> None:
    """Replace and add values of a config.

    Args:
        config: changed in place, unless an option is at fault.
        options: dotted keys to new values. A key is one that the config has, or an argument of the component at that node, or a
            known top-level key; list entries go by number, as in ``metrics.0.modes``.

    Raises:
        ConfigError: names every key that is none of these.
    """
    changed = copy.deepcopy(config)
    faults = []
    # what a node is decides what may stand in it
    for key in sorted(options or {}, key=lambda key: key.split('.')[-1] != 'type'):
        fault = _fault(changed, key)
        if fault is None:
            changed.merge_from_dict({key: options[key]})
        else:
            faults.append(f'{key}: {fault}')
    if len(faults) == 1:
        raise ConfigError(f'--cfg-options {faults[0]}')
    if faults:
        lines = ''.join(f'\n  - {fault}' for fault in faults)
        raise ConfigError(f'--cfg-options has {len(faults)} faults:{lines}')
    config.merge_from_dict(dict(options or {}))


def _fault(config: Config, dotted: str) -> str | None:
    """Why a key cannot be set, or None."""
    value: Any = config._cfg_dict
    parts = dotted.split('.')
    for depth, part in enumerate(parts):
        here = '.'.join(parts[:depth])
        if isinstance(value, (list, tuple)):
            if not part.isdigit() or int(part) >= len(value):
                return f'no key {part!r} in {here}. It is a list of {len(value)}, whose entries go by number, from 0.'
            value = value[int(part)]
        elif isinstance(value, Mapping) and part in value:
            value = value[part]
        else:
            return _new_key_fault(config, parts, depth, value)
    return None


def _new_key_fault(config: Config, parts: list[str], depth: int, value: Any) -> str | None:
    """Why what is not there yet cannot be added, ``value`` being what stands at the first ``depth`` parts."""
    here, part = '.'.join(parts[:depth]), parts[depth]
    present = list(value) if isinstance(value, Mapping) else []
    if value is not None and not isinstance(value, Mapping):
        return f'no key {part!r} in {here}. It is {value!r}.'
    node, named = None, _named(config, here)
    if named is not None:
        known = list(named.names)
    elif here:
        node = next((node for node in nodes(config) if node.path == here), None) or _absent(here)
        known = _arguments(node)
    else:
        known = list(KEYS)
    if part not in known and not (node is not None and _takes_anything(node)):
        return _unknown(part, here or 'the config', [*present, *known])
    if depth + 1 == len(parts):
        return None
    path = f'{here}.{part}' if here else part
    below = _absent(path, node) if named is None else Node(path, named.of, {}, component_of({}, named.of))
    if below is None:
        return f'{part!r} is not in {here or "the config"} yet: give all of it.'
    return _inside(below, parts[depth + 1 :])


def _inside(node: Node, parts: list[str]) -> str | None:
    """Why a key cannot be set in a node that the config leaves out."""
    if node.component is None:
        return f'{node.path} is not in the config yet: set {node.path}.type too.' if parts != ['type'] else None
    known = _arguments(node)
    if parts[0] not in known and not _takes_anything(node):
        return _unknown(parts[0], node.path, known)
    return None


def _named(config: Config, path: str) -> ByName | None:
    """The role at a path whose dict holds nodes by name; None for any other."""
    roles = {top: role for top, role, _ in TOP}
    if '.' in path:
        roles = {f'{node.path}.{argument}': role for node in nodes(config) for argument, role in node.nested.items()}
    role = roles.get(path)
    return role if isinstance(role, ByName) else None


def _absent(path: str, parent: Node | None = None) -> Node | None:
    """The node that would be at ``path``."""
    registry, default = None, None
    if parent is not None:
        registry = parent.nested.get(path.rpartition('.')[2])
    for top, role, kind in TOP:
        if top == path:
            registry, default = role, kind
    if registry is None or isinstance(registry, ByName):
        return None
    return Node(path, registry, {}, component_of({}, registry, default), default)


def _arguments(node: Node | None) -> list[str]:
    if node is None:
        return []
    kind = [] if isinstance(node.registry, Bound) else ['type']
    return kind if node.component is None else [*kind, *parameters_of(node).known]


def _takes_anything(node: Node) -> bool:
    return node.component is not None and parameters_of(node).open


def _unknown(part: str, here: str, known: Iterable[str]) -> str:
    known = sorted({str(key) for key in known})
    hint = closest(part, known)
    listing = f' Keys of {here}: {", ".join(known)}.' if known else ''
    return f'no key {part!r} in {here}. {hint}{listing}'.replace('.  ', '. ').rstrip()
