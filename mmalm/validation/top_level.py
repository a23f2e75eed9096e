"""The top level of a config: unknown and missing keys, values of the wrong type, what must not stand there."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import ConfigError, closest
from ..faults import Fault
from ..keys import DEFAULT_HOOKS, KEYS, is_own
from .signatures import LEFTOVERS
from .values import value_fault


def top_level_faults(config: Mapping[str, Any], needed: tuple[str, ...]) -> Iterator[Fault]:
    """Keys that nothing reads, keys that are missing, and values of the wrong type.

    Args:
        config: the whole of it.
        needed: keys that must be there.
    """
    # an empty list of metrics scores as little as none
    missing = [key for key in needed if config.get(key) is None or config[key] == []]
    for key, value in config.items():
        if key in LEFTOVERS:
            yield Fault(key, f'is left over: it {LEFTOVERS[key]}. Take it out.')
        elif key not in KEYS and not is_own(key):
            yield Fault(
                key,
                f'nothing reads this top-level key. {closest(key, KEYS)} Known: {", ".join(KEYS)}. '
                "A config's own variable starts with an underscore.".replace('  ', ' '),
            )
        elif key in KEYS and not (value is None and KEYS[key].nullable):
            fault = value_fault(value, KEYS[key].annotation)
            if fault is not None:
                yield Fault(key, fault)
    hooks = config.get('default_hooks')
    for role in hooks if isinstance(hooks, Mapping) else ():
        if role not in DEFAULT_HOOKS:
            hint = closest(role, DEFAULT_HOOKS)
            roles = ', '.join(DEFAULT_HOOKS)
            yield Fault(
                f'default_hooks.{role}', f'unknown role. {hint} Roles: {roles}. Further hooks go into custom_hooks.'
            )
    for key in missing:
        yield Fault(key, f'is missing: {KEYS[key].purpose}.')


def refuse_test_split(config: Mapping[str, Any]) -> None:
    """Training and selection never look at test data.

    Raises:
        ConfigError: a training or validation data set is of the split ``test``.
    """
    for fault in test_split_faults(config):
        raise ConfigError(str(fault))


def test_split_faults(config: Mapping[str, Any]) -> Iterator[Fault]:
    """Training or validation data sets of the split ``test``."""
    for key in ('train_dataloader', 'val_dataloader'):
        for path, value in _splits(config.get(key), key):
            if _names_test(value):
                yield Fault(
                    path,
                    f'{value!r}: only tools/test.py reads the test split, never training or validation. '
                    'Put it into test_dataloader.',
                )


def _names_test(split: Any) -> bool:
    """Whether a split, or one of several, is of test data: 'test', 'test-dev', 'karpathy_test'."""
    if isinstance(split, (list, tuple)):
        return any(map(_names_test, split))
    return isinstance(split, str) and re.search(r'(^|[^a-z])test', split.lower()) is not None


def _splits(node: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key == 'split':
                yield f'{path}.{key}', value
            else:
                yield from _splits(value, f'{path}.{key}')
    elif isinstance(node, (list, tuple)):
        for i, value in enumerate(node):
            yield from _splits(value, f'{path}.{i}')
