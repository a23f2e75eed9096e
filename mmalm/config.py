"""Loading MMEngine text configs, with errors that say which file, which key and what to write instead."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmengine.config import Config, ConfigDict

from .errors import ConfigError, MissingDataError, closest


def load_config(path: str | Path, options: Mapping[str, Any] | None = None) -> Config:
    """Read a config file and apply ``--cfg-options``.

    Args:
        path: a Python config, with ``_base_`` where it inherits.
        options: dotted keys and their new values; each key must exist in the config already.

    Raises:
        MissingDataError: no such file.
        ConfigError: the file does not parse, a base is missing, or an option names an unknown key.
    """
    path = Path(path)
    if not path.is_file():
        near = closest(str(path), (str(p) for p in path.parent.glob('*.py'))) if path.parent.is_dir() else ''
        raise MissingDataError(f'No config file {str(path)!r}. {near}'.rstrip())
    try:
        config = Config.fromfile(str(path))
    except ConfigError:
        raise
    except Exception as error:  # mmengine raises whatever the config's code or its own parser happens to raise
        raise ConfigError(f'{path} cannot be read as a config: {type(error).__name__}: {error}') from error
    set_options(config, options)
    return config


def set_options(config: Config, options: Mapping[str, Any] | None) -> None:
    """Replace values of a config.

    Args:
        config: changed in place.
        options: dotted keys and their new values; each key must exist already.

    Raises:
        ConfigError: an unknown key.
    """
    for key, value in (options or {}).items():
        _require_key(config, key)
        config.merge_from_dict({key: value})


def _require_key(config: Config, dotted: str) -> None:
    node: Any = config._cfg_dict
    walked: list[str] = []
    for part in dotted.split('.'):
        if isinstance(node, (list, tuple)) and part.isdigit() and int(part) < len(node):
            node = node[int(part)]
        elif isinstance(node, Mapping) and part in node:
            node = node[part]
        else:
            here = '.'.join(walked) or 'the config'
            known = list(node) if isinstance(node, Mapping) else []
            listing = f' Keys of {here}: {", ".join(sorted(map(str, known)))}.' if known else ''
            raise ConfigError(f'--cfg-options {dotted}: no key {part!r} in {here}. {closest(part, known)}{listing}')
        walked.append(part)


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
