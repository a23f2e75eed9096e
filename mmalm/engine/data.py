"""Data sets and loaders from the config."""

import inspect
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Ge, Le
from torch import nn
from torch.utils.data import DataLoader

from mmalm.config import unwrapped
from mmalm.datasets.building import build_dataset
from mmalm.errors import ConfigError, closest
from mmalm.registry import config_node

from . import distributed
from .learnable import refuse_unlearnable
from .modalities import encoder_of, preprocessing_of, reads_of
from .randomness import seed_worker
from .sampler import EpochBatches, EpochSampler
from .seeded_samples import SeededSamples

TRAINING = 'train_dataloader'


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


def data_notes(**loaders: DataLoader | None) -> dict[str, list[str]]:
    """What the data sets of the splits' loaders have to say of their data, such as files that were left out."""
    return {
        split: list(getattr(loader.dataset, 'notes', ())) for split, loader in loaders.items() if loader is not None
    }


def close(loader: DataLoader | None) -> None:
    """End a loader's persistent workers; it can be used again."""
    # left to the garbage collector, which breaks their queues first, they would be waited for in vain
    if getattr(loader, '_iterator', None) is not None:
        loader._iterator = None


def whole_batches(loader: DataLoader) -> AbstractContextManager:
    """Inside, the loader gives this process whole batches, not its part of them."""
    batches = getattr(loader, 'batch_sampler', None)
    return batches.undivided() if isinstance(batches, EpochBatches) else nullcontext()


class DataBuilder:
    """Builds data sets that fit a model, with their features cached where the config asks for it.

    Args:
        model: how the encoder of a data set's modality wants its input is given to the data set, and that encoder fills the cache.
        feature_cache: ``dict(enabled=True, folder=None, keep=None, dtype='float32')``, or None.
        seed: of the order of samples.
    """

    def __init__(self, model: nn.Module, feature_cache: Mapping[str, Any] | None, seed: int):
        self.model, self.seed = model, seed
        settings = dict(feature_cache or {'enabled': False})
        self.cached = settings.pop('enabled', True)
        self.cache_settings = settings
        self._caches: dict[tuple[str, str], Any] = {}

    def dataset(self, config: Mapping[str, Any], key: str, **changes: Any) -> Any:
        """The data set of a ``*_dataloader`` node, ``changes`` replacing arguments of it."""
        node = config.get('dataset')
        if node is None:
            raise ConfigError(f'{key}: "dataset" is missing. Found: {", ".join(config) or "nothing"}.')
        if changes:
            if not isinstance(node, Mapping):
                raise ConfigError(f'{key}.dataset must be a config, not a built data set, to change {sorted(changes)}.')
            node = {**node, **changes}
        dataset = build_dataset(unwrapped(node), f'{key}.dataset', preprocessing_of(self.model))
        if key == TRAINING:
            # before features are computed
            refuse_unlearnable(self.model, dataset, key, self.seed)
        return self.with_features(dataset) if self.cached else dataset

    def with_features(self, dataset: Any) -> Any:
        """``dataset`` with media replaced by the frozen encoder's features, computed once and kept on disk."""
        if hasattr(dataset, 'with_parts'):
            return dataset.with_parts([self.with_features(part) for part in dataset.parts])
        from mmalm.datasets.feature_cache import CachedFeatures, FeatureCache

        given = ('encoder', 'transform', 'reads')
        known = [name for name in inspect.signature(FeatureCache).parameters if name not in given]
        for name in self.cache_settings:
            if name not in known:
                hint = closest(name, known)
                raise ConfigError(f'feature_cache: unknown key {name!r}. {hint} Keys: enabled, {", ".join(known)}.')
        modality = getattr(dataset, 'modality', 'image')
        # splits under one transform share a cache, which then reads each file once
        known_as = (modality, json.dumps(dataset.transform.spec(), sort_keys=True))
        if known_as not in self._caches:
            settings = {
                **self.cache_settings,
                'folder': self._folder(modality),
                'reads': reads_of(self.model, modality),
            }
            encoder = encoder_of(self.model, modality)
            self._caches[known_as] = FeatureCache(**settings, encoder=encoder, transform=dataset.transform)
        with distributed.main_first():
            self._caches[known_as].fill(dataset, progress=distributed.is_main())
        return CachedFeatures(dataset, self._caches[known_as])

    def _folder(self, modality: str) -> Path | None:
        """Where features lie; of a model with several encoders each has a folder of its own."""
        folder = self.cache_settings.get('folder')
        several = len(getattr(self.model, 'adaptations', ())) > 1
        return Path(folder) / modality if folder is not None and several else folder

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
