"""Data sets and loaders from the config."""

import inspect
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Annotated, Any

from annotated_types import Ge, Le
from torch import nn
from torch.utils.data import DataLoader

from mmalm.config import unwrapped
from mmalm.errors import ConfigError, closest
from mmalm.registry import DATASETS, config_node

from . import distributed
from .randomness import seed_worker
from .sampler import EpochBatches, EpochSampler
from .seeded_samples import SeededSamples


def make_loader(
    dataset: Any,
    seed: int = 0,
    batch_size: Annotated[int, Ge(1)] = 1,
    num_workers: Annotated[int, Ge(0), Le(512)] = 0,
    shuffle: bool = False,
    drop_last: bool = False,
    persistent_workers: bool = False,
    collate: Callable[[list], Any] | None = None,
) -> DataLoader:
    """A loader whose order, and whose samples' random choices, follow from ``seed`` and the epoch alone.

    In a run of several processes it gives this one's part of every batch, which may be empty (see
    :class:`~.sampler.EpochBatches`).

    Args:
        dataset: gives sample dicts.
        seed: of order and samples.
        batch_size: samples a batch, all processes of the run together.
        num_workers: processes that load; 0 loads in this one.
        shuffle: a new order every epoch.
        drop_last: leave out the last batch where it is smaller.
        persistent_workers: keep the workers between epochs.
        collate: makes a batch from samples; by default :func:`mmalm.datasets.collate.collate`.

    Raises:
        ConfigError: the data set is empty, or the batch cannot be dealt out evenly to all processes.
    """
    for name, value, least in (('batch_size', batch_size, 1), ('num_workers', num_workers, 0)):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ConfigError(f'{name}={value!r} must be a whole number from {least} on.')
    for name, value in (('shuffle', shuffle), ('drop_last', drop_last), ('persistent_workers', persistent_workers)):
        if not isinstance(value, bool):
            raise ConfigError(f'{name}={value!r} must be True or False.')
    if batch_size % distributed.world_size():
        raise ConfigError(
            f'batch_size={batch_size} counts the samples of all processes together, and cannot be dealt out evenly to '
            f'{distributed.world_size()} of them. Choose a multiple of that.'
        )
    if len(dataset) == 0:
        raise ConfigError(f'The data set {type(dataset).__name__} is empty. Check its split and filters.')
    if drop_last and len(dataset) < batch_size:
        raise ConfigError(f'drop_last with {len(dataset)} samples and batch_size {batch_size} leaves no batch.')
    if collate is None:
        from mmalm.datasets.collate import collate
    order = EpochSampler(dataset, shuffle, seed)
    return DataLoader(
        SeededSamples(dataset, seed),
        batch_sampler=EpochBatches(order, batch_size, drop_last, distributed.rank(), distributed.world_size()),
        num_workers=num_workers,
        persistent_workers=persistent_workers and num_workers > 0,
        collate_fn=Collate(collate),
        worker_init_fn=seed_worker,
        generator=order.generator(),
        pin_memory=False,
    )


class Collate:
    """A batch from samples, and an empty one from none."""

    def __init__(self, collate: Callable[[list], Any]):
        self.collate = collate

    def __call__(self, samples: list) -> Any:
        return self.collate(samples) if samples else {}


def set_epoch(loader: DataLoader, epoch: int, start: int = 0) -> None:
    """Enter an epoch, leaving out its first ``start`` batches; they are not loaded."""
    batches = getattr(loader, 'batch_sampler', None)
    if isinstance(batches, EpochBatches):
        batches.set_epoch(epoch, start)
        loader.generator.set_state(batches.order.generator().get_state())


def close(loader: DataLoader | None) -> None:
    """End a loader's persistent workers; it can be used again."""
    # left to the garbage collector, which breaks their queues first, they would be waited for in vain
    if getattr(loader, '_iterator', None) is not None:
        loader._iterator = None


def whole_batches(loader: DataLoader) -> AbstractContextManager:
    """Inside, the loader gives this process whole batches, not its part of them."""
    batches = getattr(loader, 'batch_sampler', None)
    return batches.undivided() if isinstance(batches, EpochBatches) else nullcontext()


def reads(model: nn.Module) -> str:
    """What of a perception a model's connector reads, 'cls' or 'levels'; without a connector, nothing more than 'cls'."""
    return getattr(getattr(model, 'connector', None), 'reads', 'cls')


class DataBuilder:
    """Builds data sets that fit a model, with their features cached where the config asks for it.

    Args:
        model: its ``preprocessing`` is given to every data set, its ``encoder`` fills the cache.
        feature_cache: ``dict(enabled=True, folder=None, keep=None, dtype='float32')``, or None.
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

        given = ('encoder', 'transform', 'reads')
        known = [name for name in inspect.signature(FeatureCache).parameters if name not in given]
        for name in self.cache_settings:
            if name not in known:
                hint = closest(name, known)
                raise ConfigError(f'feature_cache: unknown key {name!r}. {hint} Keys: enabled, {", ".join(known)}.')
        # splits under one transform share a cache, which then reads each file once
        transform = json.dumps(dataset.transform.spec(), sort_keys=True)
        if transform not in self._caches:
            settings = {'folder': None, **self.cache_settings, 'reads': reads(self.model)}
            self._caches[transform] = FeatureCache(**settings, encoder=self.model.encoder, transform=dataset.transform)
        with distributed.main_first():
            self._caches[transform].fill(dataset, progress=distributed.is_main())
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
