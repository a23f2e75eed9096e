"""The parts of a config built for real, as far as that costs nothing: the model without weights, hooks, metrics, optimizer."""

import pkgutil
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from ..config import unwrapped
from ..errors import ConfigError
from ..faults import Missing, attempt, config_node
from ..nodes import Node, parameters_of
from ..registry import (
    BASELINES,
    HOOKS,
    LOOPS,
    METRICS,
    MODELS,
    OPTIM_WRAPPER_CONSTRUCTORS,
    OPTIM_WRAPPERS,
    OPTIMIZERS,
    PARAM_SCHEDULERS,
    TRANSFORMS,
)
from .values import value_fault

# how many steps a run has is known with its data alone; no warm-up is longer than this
MANY_STEPS = 1_000_000
# what a run calls on these roles for
BASES = {'train_cfg': 'mmalm.engine.loops:TrainLoop', 'optim_wrapper': 'mmalm.engine.optim_wrapper:OptimWrapper'}
MODEL_METHODS = ('loss', 'predict')


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
        model = attempt(lambda: MODELS.build(arguments, key=node.path))
    with config_node(node.path):
        attempt(lambda: _check_methods(model), model)
    return model


def _check_methods(model: Any) -> None:
    lacking = [name for name in MODEL_METHODS if not callable(getattr(model, name, None))]
    if lacking:
        raise ConfigError(f'{type(model).__name__} cannot be trained: it has no {" and no ".join(lacking)}.')


def build_parts(found: list[Node], preprocessing: Mapping[str, Any]) -> dict[str, Any]:
    """What surrounds the model, built and thrown away; by path, :class:`~mmalm.faults.Missing` where it fails.

    Args:
        found: nodes that have no fault by themselves.
        preprocessing: by a data set's path, how its encoder wants its input; None where that is not known.
    """
    context: dict[int, dict[str, Any]] = {
        id(LOOPS): {'runner': None, 'dataloader': [None]},
        id(PARAM_SCHEDULERS): {'total_steps': MANY_STEPS},
        id(METRICS): {},
        id(BASELINES): {},
        id(HOOKS): {},
    }
    built = {}
    for node in found:
        given = context.get(id(node.registry))
        if node.registry is TRANSFORMS:
            own = preprocessing.get(node.path.rpartition('.')[0])
            given = None if own is None else {'preprocessing': own}
        if given is not None and isinstance(node.arguments, Mapping):
            if node.registry is PARAM_SCHEDULERS:
                given = {**given, 'optimizer': _any_optimizer()}
            built[node.path] = attempt(lambda node=node, given=given: _build(node, given))
    return built


def build_optimizer(settings: Mapping[str, Any] | None, model: Any) -> None:
    """The optimizer over what trains: its own arguments, and the groups' patterns against the names that train."""
    if settings is None or not isinstance(model, nn.Module) or getattr(model, 'trainable_table', True) is None:
        return
    arguments = unwrapped(settings)
    constructor = {'type': arguments.pop('constructor', 'TrainableGroups'), 'optim_wrapper_cfg': arguments}
    with config_node('optim_wrapper'):
        fits = attempt(
            lambda: _refuse_other('optim_wrapper', OPTIM_WRAPPERS.component(arguments.get('type', 'OptimWrapper')))
        )
        wrapper = attempt(lambda: OPTIM_WRAPPER_CONSTRUCTORS.build(constructor)(model), fits)
        with config_node('optimizer'):
            attempt(lambda: _try_step(arguments['optimizer']), wrapper)


def check_precision(precision: Any, model: Any) -> None:
    """The number format of the forward pass against those the weights are held in."""
    if isinstance(precision, str) and isinstance(model, nn.Module):
        check = pkgutil.resolve_name('mmalm.engine.precision:check_precision')
        with config_node('precision'):
            attempt(lambda: check(model, precision, training=True))


def _refuse_other(role: str, component: Any) -> None:
    """Loops and optimizer wrappers of MMEngine's own do without what a run here counts on."""
    base = pkgutil.resolve_name(BASES[role])
    if not (isinstance(component, type) and issubclass(component, base)):
        name = getattr(component, '__name__', component)
        raise ConfigError(f'{name} will not do: it must be {base.__name__}, or a class derived from it.')


def _try_step(settings: Mapping[str, Any]) -> None:
    """One step on a parameter of four numbers: some optimizers ask for more than a gradient."""
    parameter = nn.Parameter(torch.zeros(2, 2))
    parameter.grad = torch.ones(2, 2)
    optimizer = OPTIMIZERS.build(settings, params=[parameter])
    try:
        optimizer.step()
    except Exception as error:
        raise ConfigError(f'{type(optimizer).__name__} cannot step here: {error}') from error


def _build(node: Node, given: Mapping[str, Any]) -> Any:
    apart = set(node.registry.also)
    arguments = {name: value for name, value in unwrapped(node.arguments).items() if name not in apart}
    if node.default_type:
        arguments.setdefault('type', node.default_type)
    if node.path in BASES:
        with config_node(node.path):
            _refuse_other(node.path, node.component)
    return node.registry.build(arguments, key=node.path, **given)


def _any_optimizer() -> torch.optim.Optimizer:
    return torch.optim.AdamW([nn.Parameter(torch.zeros(1))], lr=0.1)
