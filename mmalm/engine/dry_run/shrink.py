"""The config that a dry run trains: every component's own arguments, shrunk by the component itself."""

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config

from mmalm.config import unwrapped
from mmalm.nodes import Node, nodes
from mmalm.registry import Bound

LARGEST_DATASET = 256  # samples that are read in a moment


def as_plain(config: Config) -> dict[str, Any]:
    """A config as plain dicts and lists."""
    return {key: unwrapped(value) for key, value in config.items()}


def adapted(config: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a plain config, with what this machine cannot do replaced: float16 and xformers without CUDA.

    What a dry run does not look at is left out: the checkpoint to start from, a placement that was searched with real models,
    backends that record a run elsewhere.
    """
    plain = copy.deepcopy(dict(config))
    for key in ('load_from', 'work_dir', 'visualizer', 'placement'):
        plain.pop(key, None)
    if torch.cuda.is_available():
        return plain
    if plain.get('precision') == 'fp16':
        plain['precision'] = 'fp32'
    for node in components(plain):
        for name, refused, instead in (('dtype', 'float16', 'float32'), ('attention', 'xformers', 'auto')):
            if isinstance(node.arguments, dict) and node.arguments.get(name) == refused:
                node.arguments[name] = instead
    return plain


def shrunk(config: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The config with the arguments of every component that has ``shrink`` replaced by what it gives.

    Args:
        config: from :func:`adapted`.
        folder: below it components write what they need.
    """
    small = copy.deepcopy(dict(config))
    for node in components(config):
        given = _at(small, node.path)
        if has_shrink(node) and isinstance(given, dict):
            # a component is handed its arguments, and is not asked which it is
            arguments = {name: value for name, value in given.items() if name != 'type'}
            own = folder / 'components' / node.path
            own.mkdir(parents=True, exist_ok=True)
            changed = node.component.shrink(arguments, own)
            given.clear()
            given.update({**({'type': node.type} if node.type is not None else {}), **changed})
    if isinstance(small.get('model'), dict):
        small['model'].pop('expect_trainable', None)  # it counts the real widths
    if small.get('feature_cache'):
        small['feature_cache'] = {**small['feature_cache'], 'folder': str(folder / 'features')}
    return small


def in_two_steps(config: dict[str, Any], count: Callable[[str], int]) -> dict[str, Any]:
    """The config with loaders and loop such that an epoch is one optimizer step, and the run two of them.

    Args:
        config: from :func:`shrunk`; changed in place.
        count: samples of the data set of a loader, by the loader's key.
    """
    accumulate = min((config.get('optim_wrapper') or {}).get('accumulate', 1), 2)
    if accumulate > 1:
        config['optim_wrapper']['accumulate'] = accumulate
    for key in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        if config.get(key):
            parts = accumulate if key == 'train_dataloader' else 2
            samples = min(count(key), LARGEST_DATASET)
            loader = config[key]
            # the last batch is smaller where the number is odd, as in real runs
            loader['batch_size'] = max(1, -(-samples // parts))
            if loader.get('num_workers'):
                loader['num_workers'] = 1
    loop = config['train_cfg']
    loop.update(max_epochs=2, val_interval=2)
    if 'val_begin' in loop:
        loop['val_begin'] = min(loop['val_begin'], 2)
    checkpoint = (config.get('default_hooks') or {}).get('checkpoint')
    if checkpoint and checkpoint.get('interval'):
        checkpoint['interval'] = 1
    return config


def components(config: Mapping[str, Any]) -> list[Node]:
    """The nodes of a config that name a component; the others are arguments of functions."""
    return [node for node in nodes(config) if not isinstance(node.registry, Bound)]


def has_shrink(node: Node) -> bool:
    """Whether a node's component can shrink itself."""
    return callable(getattr(node.component, 'shrink', None))


def as_config(values: Mapping[str, Any], filename: str | None) -> Config:
    """A plain config as the engine takes it, under the name of the file it came from."""
    # the formatter takes longer over made-up vocabularies than all of the dry run
    return Config(dict(values), filename=filename, format_python_code=False)


def _at(config: Any, path: str) -> Any:
    """What stands at a path; None where a component around it has left it out."""
    for part in path.split('.'):
        if isinstance(config, list):
            config = config[int(part)] if int(part) < len(config) else None
        else:
            config = config.get(part) if isinstance(config, Mapping) else None
    return config
