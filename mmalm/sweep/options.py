"""The text of ``--options``: a dotted key and the values it takes in turn."""

from collections.abc import Sequence
from typing import Any

from ..errors import ConfigError
from ..values import read_value, split_values

SYNTAX = "Write KEY=VALUE,VALUE as in 'train_cfg.max_epochs=4,8'; a list is one value: 'tasks=[kind],[kind,name]'."
# the sweep itself sets these, one for each cell
OWN = {'seed': 'use --seeds', 'work_dir': 'use --work-dir, below which every cell has its folder'}


def parse_options(texts: Sequence[str]) -> dict[str, list[Any]]:
    """Values by dotted key, both in the order given.

    Commas separate values, except within brackets and quotes. A value is read as Python reads it; ``true``, ``false``,
    ``none`` and ``null`` in any case as well; within lists and outside of them, what is no Python value is text.

    Raises:
        ConfigError: no ``=``, an empty or repeated value, a bracket or quote left open, a key given twice or not for sweeps.
    """
    options: dict[str, list[Any]] = {}
    for text in texts:
        key, equals, rest = text.partition('=')
        key = key.strip()
        if not equals or not key:
            raise ConfigError(f'--options {text!r}: no key and values. {SYNTAX}')
        if key in OWN:
            raise ConfigError(f'--options {text!r}: {key!r} is different in every cell; {OWN[key]}.')
        if key in options:
            raise ConfigError(f'--options: {key!r} is given twice. Put all its values into one: {key}=VALUE,VALUE.')
        asked = f'--options {text!r}', SYNTAX
        values = [read_value(part, *asked) for part in split_values(rest, *asked)]
        for i, value in enumerate(values):
            if any(same(value, earlier) for earlier in values[:i]):
                raise ConfigError(f'--options {text!r}: the value {value!r} stands there twice.')
        options[key] = values
    return options


def same(a: Any, b: Any) -> bool:
    """Whether two option values are one: ``1`` and ``1.0`` are, ``1`` and ``True`` are not."""
    return isinstance(a, bool) == isinstance(b, bool) and a == b
