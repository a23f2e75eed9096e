"""Names of cells: readable, unique, and the same whatever else a sweep holds."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..values import WORDS

# file systems allow 255 bytes; room for what is written beside
LONGEST = 160


def folder_name(config_file: Path, options: Mapping[str, Any]) -> str:
    """``<folder of the config>/<config>[/<key>=<value>,...]``, options by full name in alphabetical order.

    Characters a folder's name should not hold become ``_``. A name that would be changed by this, or is too long, ends in
    ``~`` and six digits of a checksum of what it stands for, so that different options never share a folder.
    """
    file = config_file.resolve()
    parts = [_safe(file.parent.name), _safe(file.stem)]
    if options:
        parts.append(_safe(','.join(f'{key}={value_text(options[key])}' for key in sorted(options))))
    return '/'.join(part for part in parts if part)


def _safe(text: str) -> str:
    cleaned = re.sub(r'[^\w.,=+()\[\]-]', '_', text, flags=re.ASCII)
    if cleaned == text and len(text) <= LONGEST and not text.startswith('.'):
        return text
    digits = hashlib.sha256(text.encode()).hexdigest()[:6]
    return f'{cleaned[:LONGEST].lstrip(".")}~{digits}'


def value_text(value: Any) -> str:
    """An option's value as it may be written on the command line, without blanks; text without quotes where that is clear."""
    if isinstance(value, (list, tuple)):
        inner = ','.join(value_text(item) for item in value)
        return f'[{inner}]' if isinstance(value, list) else f'({inner})'
    if isinstance(value, str) and value.lower() not in WORDS and re.fullmatch(r'[A-Za-z_][\w./:-]*', value):
        return value
    return repr(value)


def short_keys(keys: Iterable[str]) -> dict[str, str]:
    """Each dotted key by as few of its last parts as tell it from the others."""
    keys = list(keys)

    def tail(key: str, count: int) -> str:
        return '.'.join(key.split('.')[-count:])

    short = {}
    for key in keys:
        count = 1
        while any(tail(other, count) == tail(key, count) for other in keys if other != key):
            count += 1
        short[key] = tail(key, count)
    return short
