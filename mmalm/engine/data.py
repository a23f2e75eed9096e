"""Data sets and loaders from the config."""

import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any

from torch import nn
from torch.utils.data import DataLoader

from mmalm.errors import ConfigError, closest
from mmalm.registry import DATASETS, config_node

from .randomness import seed_worker
from .sampler import EpochSampler
from .settings import unwrapped


def make_loader(
    dataset: Any,
    seed: int = 0,
    batch_size: int = 1,
    num_workers: int = 0,
    shuffle: bool = False,
    drop_last: bool = False,
    collate: Callable[[list], Any] | None = None,
) -> DataLoader:
    """A loader whose order and workers' seeds follow from ``seed`` and the sampler's epoch.

    Args:
        dataset: gives sample dicts.
        seed: of order and workers.
        batch_size: samples a batch.
        num_workers: processes that load; 0 loads in this one.
        shuffle: a new order every epoch.
        drop_last: leave out the last batch where it is smaller.
        collate: makes a batch from samples; by default :func:`mmalm.datasets.collate.collate`.

    Raises:
        ConfigError: the data set is empty.
    """
    for name, value, least in (('batch_size', batch_size, 1), ('num_workers', num_workers, 0)):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ConfigError(f'{name}={value!r} must be a whole number from {least} on.')
    for name, value in (('shuffle', shuffle), ('drop_last', drop_last)):
        if not isinstance(value, bool):
            raise ConfigError(f'{name}={value!r} must be True or False.')
    if len(dataset) == 0:
        raise ConfigError(f'The data set {type(dataset).__name__} is empty. Check its split and filters.')
    if drop_last and len(dataset) < batch_size:
        raise ConfigError(f'drop_last with {len(dataset)} samples and batch_size {batch_size} leaves no batch.')
    if collate is None:
        from mmalm.datasets.collate import collate
    sampler = EpochSampler(dataset, shuffle, seed)
    return DataLoader(
        dataset,
        batch_size=batch_size,
        sampler=sampler,
        num_workers=num_workers,
        drop_last=drop_last,
        collate_fn=collate,
        worker_init_fn=seed_worker,
        generator=sampler.generator(),
        pin_memory=False,
    )


def set_epoch(loader: DataLoader, epoch: int) -> None:
    """Enter an epoch: its order, and its seeds for workers."""
    if hasattr(loader.sampler, 'set_epoch'):
        loader.sampler.set_epoch(epoch)
        loader.generator.set_state(loader.sampler.generator().get_state())


class DataBuilder:
    """Builds data sets that fit a model, with their features cached where the config asks for it.

    Args:
        model: its ``preprocessing`` is given to every data set, its ``encoder`` fills the cache.
        feature_cache: ``dict(enabled=True, folder=None)``, or None.
        seed: of the order of samples.
    """

    def __init__(self, model: nn.Module, feature_cache: Mapping[str, Any] | None, seed: int):
        self.model, self.seed = model, seed
        settings = dict(feature_cache or {'enabled': False})
        self.cached = settings.pop('enabled', True)
        self.cache_settings = settings
        self._caches: dict[str, Any] = {}

    def dataset(self, config: Mapping[str, Any], key: str, **changes: Any) -> Any:
        """The data set of a ``*_dataloader`` node, ``changes`` replacing arguments of it."""
        node = config.get('dataset')
        if node is None:
            raise ConfigError(f'{key}: "dataset" is missing. Found: {", ".join(config) or "nothing"}.')
        if changes:
            if not isinstance(node, Mapping):
                raise ConfigError(f'{key}.dataset must be a config, not a built data set, to change {sorted(changes)}.')
            node = {**node, **changes}
        context = {'preprocessing': self.model.preprocessing} if hasattr(self.model, 'preprocessing') else {}
        dataset = DATASETS.build(unwrapped(node), key=f'{key}.dataset', **context)
        return self.with_features(dataset) if self.cached else dataset

    def with_features(self, dataset: Any) -> Any:
        """``dataset`` with pictures replaced by the frozen encoder's features, computed once and kept on disk."""
        from mmalm.datasets.feature_cache import CachedFeatures, FeatureCache

        known = [name for name in inspect.signature(FeatureCache).parameters if name not in ('encoder', 'transform')]
        for name in self.cache_settings:
            if name not in known:
                hint = closest(name, known)
                raise ConfigError(f'feature_cache: unknown key {name!r}. {hint} Keys: enabled, {", ".join(known)}.')
        # splits under one transform share a cache, which then reads each file once
        transform = json.dumps(dataset.transform.spec(), sort_keys=True)
        if transform not in self._caches:
            settings = {'folder': None, **self.cache_settings}
            self._caches[transform] = FeatureCache(**settings, encoder=self.model.encoder, transform=dataset.transform)
        self._caches[transform].fill(dataset)
        return CachedFeatures(dataset, self._caches[transform])

    def loader(self, config: Mapping[str, Any], key: str, **changes: Any) -> DataLoader:
        """The loader of a ``*_dataloader`` node.

        Raises:
            ConfigError: unknown keys, no data set, or an empty one.
        """
        known = [name for name in inspect.signature(make_loader).parameters if name not in ('dataset', 'seed')]
        arguments = {name: value for name, value in config.items() if name != 'dataset'}
        for name in arguments:
            if name not in known:
                raise ConfigError(
                    f'{key}: unknown key {name!r}. {closest(name, known)} Keys: dataset, {", ".join(known)}.'
                )
        dataset = self.dataset(config, key, **changes)
        with config_node(key):
            return make_loader(dataset, seed=self.seed, **arguments)
