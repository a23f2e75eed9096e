"""All registries of mmalm, and the one way components are built from configs.

A component is registered with ``@CONNECTORS.register_module()`` and built with
``CONNECTORS.build(dict(type='LinearConnector', ...))``. Registries import the modules that hold their components on
first use, so nothing else has to be imported first.
"""

import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mmengine import registry as mmengine_registry

from .errors import ConfigError, closest
from .faults import config_node, leave_out_faulty


@dataclass(frozen=True)
class Bound:
    """A role in a config that one class or function plays: a dict of its arguments, without ``type``.

    Attributes:
        target: the class or function, or where it is, as in ``'mmalm.engine.data:make_loader'``.
        given: arguments that the surrounding code passes; a config must not.
        also: keys that the surrounding code reads besides, with the type of their values.
        partial: no argument must be there.
        nodes: arguments that are configs themselves, as a component's ``nodes``.
    """

    target: Callable | str
    given: tuple[str, ...] = ()
    also: Mapping[str, Any] = field(default_factory=dict)
    partial: bool = False
    nodes: Mapping[str, Any] = field(default_factory=dict)

    def component(self) -> Callable:
        """The class or function."""
        return pkgutil.resolve_name(self.target) if isinstance(self.target, str) else self.target


@dataclass(frozen=True)
class ByName:
    """A role in a config that a dict of nodes plays, each under a name of its own.

    Attributes:
        of: the registry or Bound of each.
        names: those there may be; any where empty.
    """

    of: Any
    names: tuple[str, ...] = ()


def signature_of(component: Any) -> inspect.Signature:
    """The signature of a class or function, without ``self``."""
    return inspect.signature(component)


def _describe(component: Any) -> str:
    parameters = [p for p in signature_of(component).parameters.values() if p.kind is not p.VAR_KEYWORD]
    lines = ''.join(f'\n    {p}' for p in parameters)
    return f'{component.__name__}({lines}\n)' if lines else f'{component.__name__}()'


class Registry(mmengine_registry.Registry):
    """MMEngine's registry with errors that name the registry, the config node, the closest names and the signature.

    Args:
        name: of the role.
        parent: MMEngine's registry of the same role.
        locations: modules that hold the components.
        context: arguments that what surrounds a component hands to it, so that a config may leave them out.
        also: keys that what surrounds a component reads from its config, with the type of their values.
    """

    def __init__(
        self,
        name: str,
        parent: mmengine_registry.Registry | None = None,
        locations: list[str] | None = None,
        context: tuple[str, ...] = (),
        also: Mapping[str, Any] | None = None,
    ):
        super().__init__(name, parent=parent, scope='mmalm', locations=locations or [])
        self.context, self.also = context, dict(also or {})

    def import_from_location(self) -> None:
        """Import the modules that hold this registry's components, and its parent's: MMEngine leaves those out."""
        super().import_from_location()
        if self.parent is not None:
            self.parent.import_from_location()

    def names(self) -> list[str]:
        """Names registered here and, where there is one, in MMEngine's registry of the same role."""
        self.import_from_location()
        names = set(self.module_dict)
        if self.parent is not None:
            names |= set(self.parent.module_dict)
        return sorted(names)

    def get(self, key: str) -> Any:
        """The component registered under a name, here or in MMEngine's registry of the same role; None without one.

        MMEngine would go on to import what the name might mean, so that a config could call anything importable.
        """
        return super().get(key) if isinstance(key, str) and key in self.names() else None

    def build(self, cfg: Any, *args: Any, key: str | None = None, **context: Any) -> Any:
        """Build the component that ``cfg`` describes.

        Args:
            cfg: a dict with ``type`` and the component's arguments, or a component that is already built.
            key: the config key this node stands under, for error messages.
            context: what the surrounding model knows (widths, depths). Given to the component only where its signature
                has a parameter of that name and the config leaves it open.

        Raises:
            ConfigError: unknown ``type``, unknown or missing arguments.
        """
        with config_node(key) as path:
            leave_out_faulty(path)
            if not isinstance(cfg, Mapping):
                if isinstance(cfg, (str, int, float, list, tuple)) or cfg is None:
                    raise ConfigError(f'expected a dict with a "type" from the registry {self.name!r}, found {cfg!r}.')
                return cfg
            arguments = dict(cfg)
            component = self.component(arguments.pop('type', None))
            parameters = signature_of(component).parameters
            open_ended = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
            for name, value in context.items():
                if name in parameters:
                    arguments.setdefault(name, value)
            self._check(component, arguments, args, open_ended)
            return component(*args, **arguments)

    def component(self, kind: Any) -> Any:
        """The class or function that ``kind`` names.

        Raises:
            ConfigError: no name, or an unknown one.
        """
        if kind is None:
            raise ConfigError(
                f'"type" is missing. Registered in {self.name!r}: {", ".join(self.names()) or "nothing"}.'
            )
        if not isinstance(kind, str):
            if not callable(kind):
                raise ConfigError(f'"type" is {kind!r}; it is a name from the registry {self.name!r}, or a class.')
            return kind
        component = self.get(kind)
        if component is None:
            hint = closest(kind, self.names())
            raise ConfigError(
                f'{kind!r} is not in the registry {self.name!r}. {hint}'.rstrip() + '\n'
                f'Registered: {", ".join(self.names()) or "nothing"}.\n'
                'A component of your own must be imported first: list its module under custom_imports in the config.'
            )
        return component

    def _check(self, component: Any, arguments: dict, args: tuple, open_ended: bool) -> None:
        signature = signature_of(component)
        faults = []
        for name in arguments:
            if name not in signature.parameters and not open_ended:
                known = [n for n, p in signature.parameters.items() if p.kind is not p.VAR_KEYWORD]
                faults.append(f'unknown argument {name!r}. {closest(name, known)}'.rstrip())
        if not faults:
            try:
                signature.bind(*args, **arguments)
            except TypeError as error:
                faults.append(str(error))
        if faults:
            listed = '\n'.join(f'  - {fault}' for fault in faults)
            raise ConfigError(
                f'wrong arguments for {component.__name__} (registry {self.name!r}):\n{listed}\n'
                f'Its signature is {_describe(component)}'
            )


# frozen models that turn media into a Perception
ENCODERS = Registry('encoder', locations=['mmalm.encoders'])
# modules that turn a Perception into perceptual tokens of the language model's width
CONNECTORS = Registry('connector', locations=['mmalm.connectors'], context=('widths', 'hidden_size', 'layout'))
# which perceptual token enters or leaves the language model before which layer
SCHEDULES = Registry('schedule', locations=['mmalm.injection.schedules'])
# wrappers of one transformers language model each
LANGUAGE_MODELS = Registry('language model', locations=['mmalm.lms'])
# parameter-efficient additions to a frozen model: soft prompt, adapters
TUNERS = Registry('tuner', locations=['mmalm.tuning'], context=('width', 'hidden_size', 'num_layers', 'depths'))
# what turns language-model states into a loss or a prediction
HEADS = Registry('head', locations=['mmalm.heads'], context=('hidden_size',))
# compositions of all of the above
MODELS = Registry('model', parent=mmengine_registry.MODELS, locations=['mmalm.models'])

DATASETS = Registry(
    'dataset',
    parent=mmengine_registry.DATASETS,
    locations=['mmalm.datasets'],
    context=('preprocessing', 'preprocessing_of'),
)
TRANSFORMS = Registry(
    'transform',
    parent=mmengine_registry.TRANSFORMS,
    locations=['mmalm.datasets.transforms'],
    context=('preprocessing',),
)
METRICS = Registry('metric', parent=mmengine_registry.METRICS, locations=['mmalm.metrics'])

HOOKS = Registry(
    'hook',
    parent=mmengine_registry.HOOKS,
    locations=['mmalm.engine.hooks'],
    also={'priority': int | str | None},
)
LOOPS = Registry(
    'loop',
    parent=mmengine_registry.LOOPS,
    locations=['mmalm.engine.loops'],
    context=('runner', 'dataloader'),
)
OPTIMIZERS = Registry('optimizer', parent=mmengine_registry.OPTIMIZERS, context=('params',))
OPTIM_WRAPPERS = Registry(
    'optim_wrapper',
    parent=mmengine_registry.OPTIM_WRAPPERS,
    locations=['mmalm.engine.optim_wrapper'],
    context=('optimizer', 'precision'),
    also={'optimizer': Mapping, 'groups': list[Mapping] | None, 'constructor': str},
)
OPTIM_WRAPPER_CONSTRUCTORS = Registry(
    'optim_wrapper_constructor',
    parent=mmengine_registry.OPTIM_WRAPPER_CONSTRUCTORS,
    locations=['mmalm.engine.optim_constructor'],
)
PARAM_SCHEDULERS = Registry(
    'param_scheduler',
    parent=mmengine_registry.PARAM_SCHEDULERS,
    locations=['mmalm.engine.schedules'],
    context=('optimizer', 'total_steps'),
)
# what finds the best of several placements
SEARCHERS = Registry('searcher', locations=['mmalm.search'], context=('arms', 'seed'))
# figures to set a score against: majority answer, kNN, linear probe
BASELINES = Registry('baseline', locations=['mmalm.analysis.baselines', 'mmalm.analysis.caption_baselines'])
# where scalars and pictures of a run are shown
VISUALIZERS = Registry('visualizer', parent=mmengine_registry.VISUALIZERS, also={'vis_backends': Mapping | list | None})
VISBACKENDS = Registry('vis_backend', parent=mmengine_registry.VISBACKENDS, context=('save_dir',))
