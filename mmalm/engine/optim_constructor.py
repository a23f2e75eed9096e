"""Optimizers over what trains, in groups with learning rates of their own."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Annotated, Any

from annotated_types import Ge
from torch import nn

from mmalm.errors import ConfigError, TrainingError, closest
from mmalm.faults import attempt, config_node
from mmalm.registry import OPTIM_WRAPPER_CONSTRUCTORS, OPTIM_WRAPPERS, OPTIMIZERS, signature_of

from .facade import Facade
from .optim_wrapper import OptimWrapper
from .precision import check_precision


def parameter_group(
    patterns: Sequence[str],
    lr: Annotated[float, Ge(0)] | None = None,
    lr_mult: Annotated[float, Ge(0)] | None = None,
    weight_decay: Annotated[float, Ge(0)] | None = None,
    schedule: bool = True,
) -> dict[str, Any]:
    """The values of a group of trainable parameters that differ from the optimizer's own.

    Args:
        patterns: globs over parameter names.
        lr: learning rate.
        lr_mult: instead, a factor on the optimizer's own.
        weight_decay: of the group.
        schedule: False keeps the learning rate constant.
    """
    if lr is not None and lr_mult is not None:
        raise ConfigError(f'lr={lr} and lr_mult={lr_mult}: give one of the two.')
    own = {'lr': lr, 'lr_mult': lr_mult, 'weight_decay': weight_decay}
    stated = {name: value for name, value in own.items() if value is not None}
    return {'name': patterns[0], 'schedule': schedule, **stated}


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class TrainableGroups:
    """Builds an optimizer that holds only trainable parameters.

    Args:
        optim_wrapper_cfg: ``optimizer=dict(type='AdamW', lr=...)`` and the arguments of the optimizer wrapper. With
            ``groups=[dict(patterns=['soft_prompt.*'], lr=1e-5, weight_decay=0.0, schedule=False)]`` the trainable
            parameters that a pattern names get their own values; ``schedule=False`` keeps their learning rate
            constant. A parameter belongs to the first group that names it, all others to the group ``default``.
        precision: number format of the forward pass, given by the runner.
    """

    def __init__(self, optim_wrapper_cfg: Mapping[str, Any], precision: str = 'fp32'):
        self.arguments = dict(optim_wrapper_cfg)
        self.groups: Sequence[Mapping[str, Any]] = self.arguments.pop('groups', None) or ()
        self.optimizer = dict(self.arguments.pop('optimizer', None) or {})
        self.arguments.setdefault('type', 'OptimWrapper')
        self.precision = precision

    def __call__(self, model: nn.Module) -> OptimWrapper:
        """The optimizer wrapper for ``model``.

        Raises:
            ConfigError: a pattern matches no trainable parameter, an unknown optimizer, group key or argument.
            TrainingError: nothing trains.
        """
        module = model.module if isinstance(model, Facade) else model
        trainable = {name: p for name, p in module.named_parameters() if p.requires_grad}
        if not trainable:
            raise TrainingError('Nothing trains: no parameter of the model requires a gradient. Check the whitelist.')
        optimizer = self._build(self._split(trainable))
        return OPTIM_WRAPPERS.build(self.arguments, optimizer=optimizer, precision=self.precision)

    def _split(self, trainable: dict[str, nn.Parameter]) -> list[dict[str, Any]]:
        split: list[dict[str, Any]] = []
        left = dict(trainable)
        for number, group in enumerate(self.groups):
            with config_node(f'groups.{number}'):
                found = attempt(lambda group=group: _take(group, left, trainable))
                if isinstance(found, dict):
                    split.append(found)
        if left:
            split.insert(0, {'params': list(left.values()), 'name': 'default', 'schedule': True})
        return split

    def _build(self, groups: list[dict[str, Any]]) -> Any:
        with config_node('optimizer'):
            component = OPTIMIZERS.component(self.optimizer.pop('type', None))
            signature = signature_of(component)
            for group in groups:
                if 'lr_mult' in group:
                    group['lr'] = group.pop('lr_mult') * self.optimizer.get('lr', signature.parameters['lr'].default)
            try:
                signature.bind(groups, **self.optimizer)
                return component(groups, **self.optimizer)
            except TypeError as error:
                raise ConfigError(f'{error}.\n{component.__name__}{signature}') from error
            except ValueError as error:
                raise ConfigError(f'{error}.') from error


def _take(
    group: Mapping[str, Any], left: dict[str, nn.Parameter], trainable: Mapping[str, nn.Parameter]
) -> dict[str, Any]:
    """A group's own parameters, taken out of ``left``, and its values."""
    known = signature_of(parameter_group).parameters
    for key in group:
        if key not in known:
            raise ConfigError(f'unknown key {key!r}. {closest(key, known)} Keys: {", ".join(known)}.')
    patterns = group.get('patterns')
    if not patterns or isinstance(patterns, str):
        raise ConfigError(f'"patterns" must be a list of globs over parameter names, found {patterns!r}.')
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in trainable):
            raise ConfigError(
                f'{pattern!r} matches no trainable parameter. {closest(pattern, trainable)}\n'
                f'Trainable: {", ".join(trainable)}.'
            )
    mine = [name for name in left if any(fnmatchcase(name, pattern) for pattern in patterns)]
    if not mine:
        raise ConfigError(f'all that {list(patterns)} name belongs to earlier groups already.')
    return {'params': [left.pop(name) for name in mine], **parameter_group(**group)}


def build_optim_wrapper(model: nn.Module, settings: Mapping[str, Any], precision: str) -> Any:
    """The optimizer of the config's ``optim_wrapper`` node over a model's trainable parameters."""
    check_precision(model.module if isinstance(model, Facade) else model, precision, training=True)
    arguments = dict(settings)
    constructor = {'type': arguments.pop('constructor', 'TrainableGroups'), 'optim_wrapper_cfg': arguments}
    with config_node('optim_wrapper'):
        return OPTIM_WRAPPER_CONSTRUCTORS.build(constructor, precision=precision)(model)
