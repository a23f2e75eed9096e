"""Data against the model: transforms against the encoder and the feature cache, controls against data sets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..config import unwrapped
from ..datasets.building import asked_modality
from ..datasets.cache_checks import check_cacheable, kept
from ..datasets.media.kinds import kind_of
from ..errors import ConfigError
from ..faults import Missing, attempt, config_node, part
from ..nodes import Node, parameters_of
from ..registry import DATASETS, TRANSFORMS


@dataclass(frozen=True)
class Seen:
    """By what the media of a data set are perceived.

    Attributes:
        modality: of the data set.
        encoder: the model's for it; None where it is not known.
        preprocessing: how that wants its input; None where it is not known.
        reads: what the connector reads, 'cls' or 'levels'.
    """

    modality: str
    encoder: Any
    preprocessing: Any
    reads: str = 'cls'


def seen_by(found: list[Node], model: Any) -> dict[str, Seen]:
    """By what each data set that asks for it is perceived, by the data set's path; a modality without an encoder is a fault.

    Args:
        found: nodes that have no fault by themselves.
        model: on the meta device, or :class:`~mmalm.faults.Missing`.
    """
    seen = {}
    for node in found:
        modality = None
        if node.registry is DATASETS and isinstance(node.arguments, Mapping):
            modality = asked_modality(node.component, node.arguments)
        if modality is None:
            continue
        encoder, reads = part(model, 'encoder'), 'cls'
        if part(model, 'encoder_of') is not None:
            with config_node(node.path):
                encoder = attempt(lambda modality=modality: model.encoder_of(modality))
                reads = attempt(lambda modality=modality: model.reads_of(modality), encoder)
        preprocessing = part(encoder, 'preprocessing') or part(model, 'preprocessing')
        seen[node.path] = Seen(modality, encoder, preprocessing, reads if isinstance(reads, str) else 'cls')
    return seen


def check_data(
    config: Mapping[str, Any], found: list[Node], built: Mapping[str, Any], seen: Mapping[str, Seen]
) -> None:
    """Transforms of another size than the encoder's, a cache of random features, controls no data set can give.

    Args:
        config: the whole of it.
        found: nodes that have no fault by themselves.
        built: transforms by path.
        seen: from :func:`seen_by`.
    """
    datasets = [node for node in found if node.registry is DATASETS and isinstance(node.arguments, Mapping)]
    cache = unwrapped(config.get('feature_cache') or {'enabled': False})
    cached = isinstance(cache, dict) and cache.get('enabled', True) is True
    for node in datasets:
        transform, by = built.get(f'{node.path}.transform'), seen.get(node.path)
        if by is None or by.preprocessing is None or isinstance(transform, Missing):
            continue
        with config_node(node.path):
            stated = node.arguments.get('preprocessing')
            if isinstance(stated, Mapping) and hasattr(by.preprocessing, 'size'):
                attempt(lambda stated=stated, own=by.preprocessing: _check_size(stated, own))
            # a data set that takes no transform has one of its own, which is looked at when it is there
            if cached and (transform is not None or 'transform' in parameters_of(node).known):
                if transform is None:
                    kind = {'type': kind_of(by.modality, node.type).transform}
                    transform = attempt(
                        lambda kind=kind, own=by.preprocessing: TRANSFORMS.build(kind, preprocessing=own)
                    )
                attempt(lambda by=by, made=transform: _check_cache(by, made, cache), transform)
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


def _check_cache(by: Seen, transform: Any, cache: Mapping[str, Any]) -> None:
    check_cacheable(by.encoder, transform, kept(cache.get('keep'), by.reads), cache.get('dtype', 'float32'))


def _check_control(node: Node) -> None:
    parameters = parameters_of(node)
    if 'shuffle_media' not in parameters.known and not parameters.open:
        raise ConfigError(
            f'controls=dict(shuffled_media=True) asks for shuffle_media=<seed>, which {node.component.__name__} does not take. '
            'Take the control out.'
        )
