"""Loading MMEngine text configs, with errors that say which file, which key and what to write instead."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmengine.config import Config, ConfigDict

from .errors import ConfigError, MissingDataError, closest
from .nodes import set_options

__all__ = ['ABSENT', 'differences', 'load_config', 'placement_file', 'plain', 'set_options', 'unwrapped']

# the placement that was searched for this very config file
AUTO = 'auto'


class _Absent:
    def __repr__(self) -> str:
        return 'nothing'


ABSENT = _Absent()


def load_config(path: str | Path, options: Mapping[str, Any] | None = None) -> Config:
    """Read a config file and apply ``--cfg-options``.

    A config may import what it computes its values with; what is imported or defined is no key of it.

    Args:
        path: a Python config, with ``_base_`` where it inherits.
        options: dotted keys and their new values, see :func:`~mmalm.nodes.set_options`.

    Raises:
        MissingDataError: no such file.
        ConfigError: the file does not parse, a base is missing, or an option names an unknown key.
    """
    path = Path(path)
    if not path.is_file():
        near = closest(str(path), (str(p) for p in path.parent.glob('*.py'))) if path.parent.is_dir() else ''
        raise MissingDataError(f'No config file {str(path)!r}. {near}'.rstrip())
    try:
        # told, not guessed: an import alone would make MMEngine take it for a config of another kind, whose _base_ it ignores
        config = Config.fromfile(str(path), lazy_import=False)
    except ConfigError:
        raise
    except Exception as error:  # mmengine raises whatever the config's code or its own parser happens to raise
        raise ConfigError(f'{path} cannot be read as a config: {_reason(path, error)}') from error
    for key in [key for key, value in config.items() if callable(value)]:
        config.pop(key)
    set_options(config, options)
    if config.get('placement') == AUTO:
        config.placement = str(placement_file(path))
    return config


def placement_file(path: str | Path) -> Path:
    """Where the search for a config file's placement writes what it found, unless told."""
    return Path('work_dirs') / f'{Path(path).stem}_placement' / 'placement.json'


def _reason(path: Path, error: Exception) -> str:
    if path.suffix == '.py' and 'read_base' in path.read_text(encoding='utf-8', errors='replace'):
        return "read_base() is not known here; inherit by _base_ = ['FILE', ..]."
    return f'{type(error).__name__}: {error}'


def plain(node: Any) -> Any:
    """A config node as plain dicts, lists and values, as JSON wants them."""
    if isinstance(node, (Config, ConfigDict, Mapping)):
        items = node._cfg_dict.items() if isinstance(node, Config) else node.items()
        return {str(key): plain(value) for key, value in items}
    if isinstance(node, (list, tuple)):
        return [plain(value) for value in node]
    return node if isinstance(node, (str, int, float, bool)) or node is None else str(node)


def unwrapped(node: Any) -> Any:
    """A config node as plain dicts and lists; what else stands in it is left as it is."""
    if isinstance(node, Mapping):
        return {key: unwrapped(value) for key, value in node.items()}
    return [unwrapped(value) for value in node] if isinstance(node, (list, tuple)) else node


def differences(one: Any, other: Any, path: str = '') -> list[tuple[str, Any, Any]]:
    """Where two plain configs differ: path, value in one, value in the other; :data:`ABSENT` is what one lacks.

    Lists of one length are compared entry by entry, others as a whole.
    """
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        keys = dict.fromkeys([*one, *other])
        pairs = [(key, one.get(key, ABSENT), other.get(key, ABSENT)) for key in keys]
    elif isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)) and len(one) == len(other):
        pairs = [(number, *pair) for number, pair in enumerate(zip(one, other, strict=True))]
    else:
        # NaN is not equal to itself
        return [] if one == other or (one != one and other != other) else [(path, one, other)]
    return [found for key, *pair in pairs for found in differences(*pair, f'{path}.{key}' if path else str(key))]
