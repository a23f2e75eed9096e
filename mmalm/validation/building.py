"""The parts of a config built for real, as far as that costs nothing: the model without weights, hooks, metrics, optimizer."""

import pkgutil
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from ..config import unwrapped
from ..faults import Missing, attempt, config_node, part
from ..nodes import Node, parameters_of
from ..registry import (
    BASELINES,
    HOOKS,
    LOOPS,
    METRICS,
    MODELS,
    OPTIM_WRAPPER_CONSTRUCTORS,
    PARAM_SCHEDULERS,
    TRANSFORMS,
)
from .values import value_fault

# how many steps a run has is known with its data alone; no warm-up is longer than this
MANY_STEPS = 1_000_000


def build_model(node: Node | None) -> Any:
    """The model on the meta device, without weights; parts of it that fail are noted (see :mod:`mmalm.faults`).

    Args:
        node: the config's ``model``.

    Returns:
        the model, or :class:`~mmalm.faults.Missing`.
    """
    if node is None or node.component is None or not isinstance(node.arguments, Mapping):
        return Missing()
    parameters = parameters_of(node)
    arguments = unwrapped(node.arguments)
    if any(name not in arguments for name in parameters.needed):
        return Missing()
    # faults of its own arguments are known by now, and must not hide those of its parts
    for name in [name for name in arguments if name != 'type']:
        kind = parameters.known.get(name)
        if name in parameters.known and (kind is None or name in node.nested or not value_fault(arguments[name], kind)):
            continue
        if name in parameters.needed:
            return Missing()
        if not parameters.open or name in parameters.known:
            del arguments[name]
    with torch.device('meta'):
        return attempt(lambda: MODELS.build(arguments, key=node.path))


def build_parts(found: list[Node], model: Any) -> dict[str, Any]:
    """What surrounds the model, built and thrown away; by path, :class:`~mmalm.faults.Missing` where it fails.

    Args:
        found: nodes that have no fault by themselves.
        model: from :func:`build_model`.
    """
    context: dict[int, dict[str, Any]] = {
        id(LOOPS): {'runner': None, 'dataloader': [None]},
        id(PARAM_SCHEDULERS): {'total_steps': MANY_STEPS},
        id(METRICS): {},
        id(BASELINES): {},
        id(HOOKS): {},
    }
    preprocessing = part(model, 'preprocessing')
    if preprocessing is not None:
        context[id(TRANSFORMS)] = {'preprocessing': preprocessing}
    built = {}
    for node in found:
        given = context.get(id(node.registry))
        if given is not None and isinstance(node.arguments, Mapping):
            if node.registry is PARAM_SCHEDULERS:
                given = {**given, 'optimizer': _any_optimizer()}
            built[node.path] = attempt(lambda node=node, given=given: _build(node, given))
    return built


def build_optimizer(settings: Mapping[str, Any] | None, model: Any) -> None:
    """The optimizer over what trains: its own arguments, and the groups' patterns against the names that train."""
    if not settings or not isinstance(model, nn.Module) or getattr(model, 'trainable_table', True) is None:
        return
    arguments = unwrapped(settings)
    constructor = {'type': arguments.pop('constructor', 'TrainableGroups'), 'optim_wrapper_cfg': arguments}
    with config_node('optim_wrapper'):
        attempt(lambda: OPTIM_WRAPPER_CONSTRUCTORS.build(constructor)(model))


def check_precision(precision: Any, model: Any) -> None:
    """The number format of the forward pass against those the weights are held in."""
    if isinstance(precision, str) and isinstance(model, nn.Module):
        check = pkgutil.resolve_name('mmalm.engine.precision:check_precision')
        with config_node('precision'):
            attempt(lambda: check(model, precision, training=True))


def _build(node: Node, given: Mapping[str, Any]) -> Any:
    apart = set(node.registry.also)
    arguments = {name: value for name, value in unwrapped(node.arguments).items() if name not in apart}
    if node.default_type:
        arguments.setdefault('type', node.default_type)
    return node.registry.build(arguments, key=node.path, **given)


def _any_optimizer() -> torch.optim.Optimizer:
    return torch.optim.AdamW([nn.Parameter(torch.zeros(1))], lr=0.1)
