"""Whether the shrunk model is the real one but for its widths."""

from collections.abc import Mapping
from typing import Any

from torch import nn

from ..modalities import drawn, plans_of
from .shrink import components
from .stages import DryRunError

SHOWN = 5


def check_same(
    real: Mapping[str, Any], small: Mapping[str, Any], real_model: nn.Module, small_model: nn.Module
) -> dict[str, Any]:
    """Compare two configs and the models built from them.

    Args:
        real, small: the configs.
        real_model: on the meta device.
        small_model: built from ``small``.

    Returns:
        what was compared: ``components`` (path to class name), ``modules`` (how many), ``parameters`` (how many tensors),
        ``patterns`` (pattern to number of tensors), ``plan`` (as text; None for a model without a schedule).

    Raises:
        DryRunError: they differ in component classes, modules, parameters by name, injections, or in how many tensors a
            trainable pattern matches.
    """
    classes = [{node.path: node.component for node in components(config)} for config in (real, small)]
    modules = [{name: type(module) for name, module in model.named_modules()} for model in (real_model, small_model)]
    parameters = [
        dict.fromkeys((n for n, _ in model.named_parameters(remove_duplicate=False)), '')
        for model in (real_model, small_model)
    ]
    plans = [plans_of(model) for model in (real_model, small_model)]
    patterns = [_patterns(model) for model in (real_model, small_model)]
    faults = [
        *_apart('component', *classes),
        *_apart('module', *modules),
        *_apart('parameter', *parameters),
        *_apart('tensors of the trainable pattern', *patterns),
    ]
    if plans[0] != plans[1]:
        faults.append(
            f'the injection schedule:\n{drawn(plans[0]) or "none"}\nin miniature:\n{drawn(plans[1]) or "none"}'
        )
    if faults:
        raise DryRunError(
            'In miniature this is another model, so nothing that holds for it need hold for the real one:\n'
            + '\n'.join(f'  - {fault}' for fault in faults)
            + '\nA `shrink` of one of its components changes more than widths; see docs/dry_run.md.'
        )
    return {
        'components': {path: _name(component) for path, component in classes[0].items()},
        'modules': len(modules[0]),
        'parameters': len(parameters[0]),
        'patterns': patterns[0],
        'plan': drawn(plans[0]) or None,
    }


def _patterns(model: nn.Module) -> dict[str, int]:
    table = getattr(model, 'trainable_table', None)
    return {} if table is None else {row.pattern: row.tensors for row in table.rows}


def _apart(what: str, real: Mapping[str, Any], small: Mapping[str, Any]) -> list[str]:
    names = [name for name in dict.fromkeys([*real, *small]) if real.get(name) != small.get(name)]
    faults = [f'{what} {n}: {_name(real.get(n))}, in miniature {_name(small.get(n))}' for n in names[:SHOWN]]
    more = len(names) - SHOWN
    return [*faults, f'and {more:,} more of these'] if more > 0 else faults


def _name(value: Any) -> str:
    return 'none' if value is None else 'there' if value == '' else getattr(value, '__name__', str(value))
