"""Loading MMEngine text configs, with errors that say which file, which key and what to write instead."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmengine.config import Config, ConfigDict

from .errors import ConfigError, MissingDataError, closest
from .nodes import set_options

__all__ = ['differences', 'load_config', 'placement_file', 'plain', 'set_options', 'unwrapped']

# the placement that was searched for this very config file
AUTO = 'auto'


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
    """Where two plain configs differ: path, value in one, value in the other; what one lacks is None."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        keys = dict.fromkeys([*one, *other])
        return [d for key in keys for d in differences(one.get(key), other.get(key), f'{path}.{key}' if path else key)]
    return [] if one == other else [(path, one, other)]
