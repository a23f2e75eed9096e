"""Optimizers over what trains, in groups with learning rates of their own."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from mmengine.registry import OPTIMIZERS
from torch import nn

from mmalm.errors import ConfigError, TrainingError, closest
from mmalm.registry import OPTIM_WRAPPER_CONSTRUCTORS, OPTIM_WRAPPERS, signature_of

from .facade import Facade
from .optim_wrapper import OptimWrapper

GROUP_KEYS = ('patterns', 'lr', 'weight_decay', 'schedule')


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
        return OPTIM_WRAPPERS.build(self.arguments, key='optim_wrapper', optimizer=optimizer, precision=self.precision)

    def _split(self, trainable: dict[str, nn.Parameter]) -> list[dict[str, Any]]:
        split: list[dict[str, Any]] = []
        left = dict(trainable)
        for number, group in enumerate(self.groups):
            where = f'optim_wrapper.groups.{number}'
            for key in group:
                if key not in GROUP_KEYS:
                    raise ConfigError(f'{where}: unknown key {key!r}. {closest(key, GROUP_KEYS)} Keys: {GROUP_KEYS}.')
            patterns = group.get('patterns')
            if not patterns or isinstance(patterns, str):
                raise ConfigError(
                    f'{where}: "patterns" must be a list of globs over parameter names, found {patterns!r}.'
                )
            for pattern in patterns:
                if not any(fnmatchcase(name, pattern) for name in trainable):
                    raise ConfigError(
                        f'{where}: {pattern!r} matches no trainable parameter. {closest(pattern, trainable)}\n'
                        f'Trainable: {", ".join(trainable)}.'
                    )
            mine = [name for name in left if any(fnmatchcase(name, pattern) for pattern in patterns)]
            if not mine:
                raise ConfigError(f'{where}: all that {list(patterns)} name belongs to earlier groups already.')
            settings = {key: value for key, value in group.items() if key != 'patterns'}
            parameters = [left.pop(name) for name in mine]
            split.append({'params': parameters, 'name': patterns[0], 'schedule': True, **settings})
        if left:
            split.insert(0, {'params': list(left.values()), 'name': 'default', 'schedule': True})
        return split

    def _build(self, groups: list[dict[str, Any]]) -> Any:
        kind = self.optimizer.pop('type', None)
        component = OPTIMIZERS.get(kind) if isinstance(kind, str) and '.' not in kind else None
        if component is None:
            names = OPTIMIZERS.module_dict
            raise ConfigError(
                f'optim_wrapper.optimizer: {kind!r} is no optimizer. {closest(str(kind), names)} Registered: '
                f'{", ".join(sorted(names))}.'
            )
        try:
            signature_of(component).bind(groups, **self.optimizer)
            return component(groups, **self.optimizer)
        except (TypeError, ValueError) as error:
            raise ConfigError(f'optim_wrapper.optimizer: {error}.\n{kind}{signature_of(component)}') from error


def build_optim_wrapper(model: nn.Module, settings: Mapping[str, Any], precision: str) -> Any:
    """The optimizer of the config's ``optim_wrapper`` node over a model's trainable parameters."""
    arguments = dict(settings)
    constructor = {'type': arguments.pop('constructor', 'TrainableGroups'), 'optim_wrapper_cfg': arguments}
    return OPTIM_WRAPPER_CONSTRUCTORS.build(constructor, key='optim_wrapper', precision=precision)(model)
