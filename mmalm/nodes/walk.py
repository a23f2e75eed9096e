"""The component nodes of a config: which dict is which registered component, wherever it stands.

Checking a config, running it dry and listing it all start from here. A component that takes configs of other components says
so in a class attribute, argument name to registry; or to a :class:`~mmalm.registry.Bound`, where a dict without ``type`` is
handed to one function; or to a :class:`~mmalm.registry.ByName` of either, where names stand around the nodes::

    class AugmentedLM(nn.Module):
        nodes = {'encoder': ENCODERS, 'connector': CONNECTORS}

    class ImageTransform:
        nodes = {'augment': Bound(augmentation, given=('size', 'interpolation'))}
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..keys import DEFAULT_HOOKS
from ..registry import (
    BASELINES,
    DATASETS,
    HOOKS,
    LOOPS,
    METRICS,
    MODELS,
    OPTIM_WRAPPERS,
    OPTIMIZERS,
    PARAM_SCHEDULERS,
    SEARCHERS,
    VISBACKENDS,
    VISUALIZERS,
    Bound,
    ByName,
)

_LOADER = Bound('mmalm.engine.data:make_loader', given=('seed',), nodes={'dataset': DATASETS})
# where the top level of a config holds components: path, registry, and the type where the config may leave it out
TOP: tuple[tuple[str, Any, str | None], ...] = (
    ('custom_imports', Bound('mmengine.utils:import_modules_from_strings'), None),
    ('model', MODELS, None),
    ('train_dataloader', _LOADER, None),
    ('val_dataloader', _LOADER, None),
    ('test_dataloader', _LOADER, None),
    (
        'feature_cache',
        Bound(
            'mmalm.datasets.feature_cache:FeatureCache',
            given=('encoder', 'transform', 'reads'),
            also={'enabled': bool},
            partial=True,
        ),
        None,
    ),
    ('train_cfg', LOOPS, 'TrainLoop'),
    ('optim_wrapper', OPTIM_WRAPPERS, 'OptimWrapper'),
    ('optim_wrapper.optimizer', OPTIMIZERS, None),
    ('optim_wrapper.groups', Bound('mmalm.engine.optim_constructor:parameter_group'), None),
    ('param_scheduler', PARAM_SCHEDULERS, None),
    ('metrics', METRICS, None),
    ('baselines', BASELINES, None),
    ('controls', Bound('mmalm.engine.controls:Controls'), None),
    ('search', Bound('mmalm.search.settings:SearchSettings', nodes={'searcher': SEARCHERS}), None),
    ('default_hooks', ByName(HOOKS, tuple(DEFAULT_HOOKS)), None),
    ('custom_hooks', HOOKS, None),
    ('visualizer', VISUALIZERS, 'Visualizer'),
    ('visualizer.vis_backends', VISBACKENDS, None),
)


@dataclass(frozen=True)
class Node:
    """One component of a config.

    Attributes:
        path: dotted, as in ``model.encoder`` or ``metrics.0``.
        registry: where its type is looked up; a Bound where it has none.
        arguments: the node as it stands in the config, ``type`` included. Whatever else a user wrote there, where it is no dict.
        component: the class or function its type names; None where there is none of that name.
        default_type: the type where the node may leave it out.
    """

    path: str
    registry: Any
    arguments: Any
    component: Any
    default_type: str | None = None

    @property
    def type(self) -> Any:
        """The type it names, or its default."""
        return self.arguments.get('type', self.default_type) if isinstance(self.arguments, Mapping) else None

    @property
    def nested(self) -> Mapping[str, Any]:
        """The arguments that are configs themselves: name to registry or Bound."""
        below = getattr(self.component, 'nodes', None)
        below = below if isinstance(below, Mapping) else {}
        return {**below, **self.registry.nodes} if isinstance(self.registry, Bound) else below


def nodes(config: Mapping[str, Any]) -> list[Node]:
    """All component nodes of a config, each before those inside it.

    Nodes whose type is unknown or missing are given too, with ``component`` None, but nothing inside them.
    """
    found: list[Node] = []
    for path, registry, default in TOP:
        first, *rest = path.split('.')
        value: Any = config.get(first)  # MMEngine's Config is no Mapping
        for part in rest:
            value = value.get(part) if isinstance(value, Mapping) else None
        if value is not None:
            found.extend(_walk(value, path, registry, default))
    return found


def _walk(value: Any, path: str, registry: Any, default: str | None = None) -> Iterator[Node]:
    if isinstance(value, (list, tuple)):
        for number, entry in enumerate(value):
            yield from _one(entry, f'{path}.{number}', registry, default)
        return
    if isinstance(registry, ByName):
        # what is no dict at all is named as an argument of the node above
        for name, entry in value.items() if isinstance(value, Mapping) else ():
            if entry is not None:
                yield from _one(entry, f'{path}.{name}', registry.of, default)
        return
    yield from _one(value, path, registry, default)


def _one(value: Any, path: str, registry: Any, default: str | None) -> Iterator[Node]:
    node = Node(path, registry, value, component_of(value, registry, default), default)
    yield node
    if isinstance(value, Mapping):
        for name, below in node.nested.items():
            if value.get(name) is not None:
                yield from _walk(value[name], f'{path}.{name}', below)


def component_of(value: Any, registry: Any, default: str | None = None) -> Any:
    """The class or function that a config node's ``type`` names in ``registry``, or that plays a Bound role; or None."""
    if isinstance(registry, Bound):
        return registry.component()
    kind = value.get('type', default) if isinstance(value, Mapping) else None
    if not isinstance(kind, str):
        return kind if callable(kind) else None
    return registry.get(kind)
