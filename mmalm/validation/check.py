"""A whole config checked: every fault there is, in one message."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from ..errors import ConfigError, MissingDataError
from ..faults import Fault, gathering
from ..nodes import nodes
from .building import build_model, build_optimizer, build_parts, check_precision
from .data import check_data, seen_by
from .scores import check_scores
from .signatures import node_faults
from .top_level import test_split_faults, top_level_faults


@dataclass(frozen=True)
class Checked:
    """A config without faults.

    Attributes:
        model: on the meta device, without weights; None where it could not be built.
        absent: what could not be looked at, since it is not on this machine: a model's own config.
    """

    model: Any
    absent: tuple[MissingDataError, ...]


def check(config: Mapping[str, Any], needed: tuple[str, ...] = (), score: str | None = None) -> Checked:
    """Hold every node of a config against the component it names, and the parts against each other.

    Models are built on the meta device: nothing is allocated, downloaded or read from a data set. What needs data, such as an
    empty split, is said by the run itself.

    Args:
        config: as :func:`mmalm.config.load_config` gives it.
        needed: top-level keys that must be there.
        score: of the validation split, that somebody will ask for.

    Raises:
        ConfigError: all faults there are.
    """
    model, faults, absent = _look(config, needed, score)
    if faults:
        raise ConfigError(report(config, faults))
    return Checked(model, tuple(absent))


def find_faults(config: Mapping[str, Any], needed: tuple[str, ...] = ()) -> list[Fault]:
    """All faults of a config; see :func:`check`."""
    return _look(config, needed, None)[1]


def report(config: Mapping[str, Any], faults: list[Fault]) -> str:
    """All faults as text, one a line."""
    file = getattr(config, 'filename', None)
    count = '1 fault' if len(faults) == 1 else f'{len(faults)} faults'
    return f'{Path(file).name if file else "config"} has {count}:\n' + '\n'.join(f'  - {fault}' for fault in faults)


def _look(
    config: Mapping[str, Any], needed: tuple[str, ...], score: str | None
) -> tuple[Any, list[Fault], list[MissingDataError]]:
    if config.get('val_dataloader') is not None:
        needed = (*needed, 'metrics')
    faults = [*top_level_faults(config, tuple(dict.fromkeys(needed))), *test_split_faults(config)]
    at_top = {fault.path for fault in faults}
    found = [node for node in nodes(config) if node.path not in at_top]
    for node in found:
        # what is no dict at all has been named as an argument of the node above
        if not any(fault.path == node.path for fault in faults):
            faults += node_faults(node)
    sound = [node for node in found if not _touches(node.path, faults)]
    faulty = {node.path for node in found if node not in sound and node.path != 'model'}
    with gathering(faulty) as gathered:
        model = build_model(next((node for node in found if node.path == 'model'), None))
        seen = seen_by(sound, model)
        built = build_parts(sound, {path: by.preprocessing for path, by in seen.items()})
        unknown = ('model.trainable', 'optim_wrapper')  # what trains, and how
        if not any(_is_below(fault.path, path) for path in unknown for fault in [*faults, *gathered.faults]):
            build_optimizer(config.get('optim_wrapper'), model)
        check_precision(config.get('precision'), model)
        check_data(config, sound, built, seen)
        check_scores(config, found, built, model, score)
    # a part that fails is a fault once, and not again when it is built
    for fault in gathered.faults:
        if fault not in faults and not _touches(fault.path, faults):
            faults.append(fault)
    return model if isinstance(model, nn.Module) else None, faults, gathered.absent


def _touches(path: str, faults: list[Fault]) -> bool:
    """Whether a fault is at a node or inside it."""
    return any(_is_below(fault.path, path) for fault in faults)


def _is_below(path: str, above: str) -> bool:
    return path == above or path.startswith(f'{above}.')
