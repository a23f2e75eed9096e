"""What a config can name: registered components with their parameters, zoo items, and known model architectures."""

import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .. import registry as registries
from ..errors import ConfigError, closest
from ..nodes import Node, parameters_of
from ..registry import Registry
from ..zoo import CATALOG, known_models


@dataclass(frozen=True)
class Entry:
    """Something a config can name.

    Attributes:
        name: as a config writes it.
        group: its registry, 'zoo' or 'model'.
        summary: one line.
        text: all that is said of it.
        parameters: of a component: name to ``(annotation, default)``, either empty where there is none.
        given: parameters that what surrounds it hands to it.
        own: it is mmalm's or the user's, not MMEngine's.
    """

    name: str
    group: str
    summary: str
    text: str = ''
    parameters: dict[str, tuple[str, str]] | None = None
    given: tuple[str, ...] = ()
    own: bool = True

    def as_dict(self) -> dict[str, Any]:
        """The entry for JSON."""
        parameters = [
            {'name': name, 'type': kind or None, 'default': default or None, 'given': name in self.given}
            for name, (kind, default) in (self.parameters or {}).items()
        ]
        return {'name': self.name, 'group': self.group, 'summary': self.summary, 'own': self.own} | (
            {} if self.parameters is None else {'parameters': parameters}
        )


def list_entries(groups: Iterable[str] | None = None) -> list[Entry]:
    """All there is, or what is in some groups.

    Raises:
        ConfigError: no such group.
    """
    roles = {role.name: role for role in vars(registries).values() if isinstance(role, Registry)}
    known = [*roles, 'zoo', 'architecture']
    wanted = list(groups or known)
    for group in wanted:
        if group not in known:
            raise ConfigError(f'no registry {group!r}. {closest(group, known)} There are: {", ".join(known)}.')
    found = [entry for group in wanted if group in roles for entry in _components(roles[group])]
    if 'zoo' in wanted:
        found += [
            Entry(f'zoo:{item.name}', 'zoo', item.role, f'{item.megabytes} MB, {item.licence}') for item in CATALOG
        ]
    if 'architecture' in wanted:
        found += [
            Entry(model.name, 'architecture', f'{model.role}, {model.parameters:,} parameters', f'From {model.source}')
            for model in known_models().values()
        ]
    return found


def find_entries(name: str, entries: Iterable[Entry]) -> list[Entry]:
    """The entries of a name; one name may stand in several registries.

    Raises:
        ConfigError: nothing has that name.
    """
    entries = list(entries)
    found = [entry for entry in entries if entry.name == name]
    if not found:
        hint = closest(name, {entry.name for entry in entries})
        raise ConfigError(f'nothing is called {name!r}. {hint} All names: python tools/list.py'.replace('  ', ' '))
    return found


def _components(role: Registry) -> list[Entry]:
    names = role.names()
    return [_component(name, role) for name in sorted(names, key=lambda name: (not _is_own(role.get(name)), name))]


def _component(name: str, role: Registry) -> Entry:
    component = role.get(name)
    parameters = parameters_of(Node(name, role, {}, component))
    signature = inspect.signature(component).parameters
    shown = {}
    for parameter in parameters.known:
        stated = signature.get(parameter)
        kind = (
            '' if stated is None or stated.annotation is stated.empty else inspect.formatannotation(stated.annotation)
        )
        default = repr(parameters.defaults[parameter]) if parameter in parameters.defaults else ''
        shown[parameter] = (kind.replace('collections.abc.', '').replace('typing.', ''), default)
    text = inspect.getdoc(component) or ''
    # a class without a docstring of its own would be described by its base
    described = text if component.__doc__ else ''
    summary = ' '.join(described.split('\n\n')[0].split())
    own = _is_own(component)
    # the papers that others retell are for their own documentation
    return Entry(name, role.name, summary, described if own else summary, shown, role.context, own)


def _is_own(component: Any) -> bool:
    return not getattr(component, '__module__', '').startswith(('mmengine', 'torch', 'transformers'))
