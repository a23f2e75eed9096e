"""Data against the model: transforms against the encoder and the feature cache, controls against data sets."""

from collections.abc import Mapping
from typing import Any

from ..config import unwrapped
from ..datasets.cache_checks import check_cacheable, kept
from ..errors import ConfigError
from ..faults import Missing, attempt, config_node, part
from ..nodes import Node, parameters_of
from ..registry import DATASETS, TRANSFORMS


def check_data(config: Mapping[str, Any], found: list[Node], built: Mapping[str, Any], model: Any) -> None:
    """Transforms of another size than the encoder's, a cache of random features, controls no data set can give.

    Args:
        config: the whole of it.
        found: nodes that have no fault by themselves.
        built: transforms by path.
        model: on the meta device.
    """
    datasets = [node for node in found if node.registry is DATASETS and isinstance(node.arguments, Mapping)]
    encoder = part(model, 'encoder')
    preprocessing = part(encoder, 'preprocessing')
    cache = unwrapped(config.get('feature_cache') or {'enabled': False})
    reads = getattr(part(model, 'connector'), 'reads', 'cls')
    cached = isinstance(cache, dict) and cache.get('enabled', True) is True
    for node in datasets:
        transform = built.get(f'{node.path}.transform')
        if preprocessing is None or isinstance(transform, Missing):
            continue
        with config_node(node.path):
            stated = node.arguments.get('preprocessing')
            if isinstance(stated, Mapping):
                attempt(lambda stated=stated, own=preprocessing: _check_size(stated, own))
        if cached:
            if transform is None:
                transform = attempt(
                    lambda own=preprocessing: TRANSFORMS.build({'type': 'ImageTransform'}, preprocessing=own)
                )
            with config_node(node.path):
                attempt(lambda transform=transform: _check_cache(encoder, transform, cache, reads), transform)
    if isinstance(config.get('controls'), Mapping) and config['controls'].get('shuffled_media') is True:
        for node in datasets:
            if not node.path.startswith('train_'):
                with config_node(node.path):
                    attempt(lambda node=node: _check_control(node))


def _check_size(stated: Mapping[str, Any], own: Any) -> None:
    size = own.changed(**unwrapped(stated)).size
    if size != own.size:
        raise ConfigError(
            f'its preprocessing makes pictures of {size[0]} x {size[1]}, but the encoder takes {own.size[0]} x {own.size[1]}. '
            "Leave preprocessing out: the encoder's is taken, and its image_size changes both."
        )


def _check_cache(encoder: Any, transform: Any, cache: Mapping[str, Any], reads: str) -> None:
    check_cacheable(encoder, transform, kept(cache.get('keep'), reads), cache.get('dtype', 'float32'))


def _check_control(node: Node) -> None:
    parameters = parameters_of(node)
    if 'shuffle_media' not in parameters.known and not parameters.open:
        raise ConfigError(
            f'controls=dict(shuffled_media=True) asks for shuffle_media=<seed>, which {node.component.__name__} does not take. '
            'Take the control out.'
        )
