"""Whether the weights and data that a config names are on this machine: a quick look, nothing is opened."""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmalm import zoo
from mmalm.errors import MmalmError
from mmalm.nodes import Node
from mmalm.registry import DATASETS, ENCODERS, LANGUAGE_MODELS
from mmalm.zoo.catalog import PREFIX

from .shrink import components

MODELS = ('model', 'tokenizer')
WEIGHTS = ('.safetensors', '.bin')


@dataclass(frozen=True)
class Presence:
    """One thing a config names.

    Attributes:
        path: of the config value, ``model.encoder.model``.
        name: as the config or the component's default has it.
        here: whether it is on this machine.
        remark: where it lies, or what to do.
    """

    path: str
    name: str
    here: bool
    remark: str


def look(config: Mapping[str, Any]) -> list[Presence]:
    """Zoo items, local folders and files, and hub models in the hub's cache that the components of a config name."""
    found: dict[str, Presence] = {}
    for node in components(config):
        if isinstance(node.arguments, Mapping) and node.component is not None:
            for name, value in _named(node):
                presence = _presence(node, name, value)
                if presence is not None:
                    found.setdefault(value, presence)
    if config.get('load_from'):
        given = config['load_from']
        named = (
            {f'load_from.{m}': one for m, one in given.items()} if isinstance(given, Mapping) else {'load_from': given}
        )
        found |= {path: _local(path, one) for path, one in named.items()}
    return list(found.values())


def _named(node: Node) -> Iterator[tuple[str, str]]:
    """Strings among a component's arguments, those it has by default included."""
    parameters = inspect.signature(node.component).parameters.values()
    values = {p.name: p.default for p in parameters if isinstance(p.default, str)} | dict(node.arguments)
    for name, value in values.items():
        for text in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(text, (str, Path)) and name != 'type':
                yield name, str(text)


def _presence(node: Node, name: str, value: str) -> Presence | None:
    path = f'{node.path}.{name}'
    if value.startswith(PREFIX):
        try:
            return Presence(path, value, True, zoo.resolve(value))
        except MmalmError as error:
            return Presence(path, value, False, str(error).splitlines()[-1])
    if node.registry in (ENCODERS, LANGUAGE_MODELS) and name in MODELS:
        if node.arguments.get('pretrained', True) is False:
            return None
        return _local(path, value) if Path(value).expanduser().exists() else _hub(path, value)
    # what has a field to be filled in, as '{youtube_id}.wav', names no file
    if node.registry is DATASETS and '{' not in value and ('/' in value or Path(value).suffix):
        return _local(path, value)
    return None


def _local(path: str, name: str) -> Presence:
    here = Path(name).expanduser().exists()
    return Presence(path, name, here, '' if here else 'not there')


def _hub(path: str, name: str) -> Presence:
    from huggingface_hub import constants

    # timm's names are those of its repositories, as a rule, and may leave the tag out
    repository = name.removeprefix('hf-hub:') if '/' in name else f'timm/{name}'
    folders = Path(constants.HF_HUB_CACHE).glob(f'models--{repository.replace("/", "--")}*')
    files = [file for folder in folders for file in folder.glob('snapshots/*/*') if file.suffix in WEIGHTS]
    return Presence(path, name, bool(files), str(files[0].parent) if files else f'hf download {repository}')
