"""Frozen features on disk: a frozen encoder under a deterministic transform runs once per sample.

Legend: B batch, K levels, N tokens of a level, D encoder width.
"""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from ..encoders import Encoder
from ..errors import ConfigError, MissingDataError
from ..zoo import home
from .blind import blind, without_input
from .cache_checks import check_cacheable, in_eval, kept, open_folder
from .cache_store import RowStore
from .progress import progress_bar

FORMAT = 1


class FeatureCache:
    """Features of one frozen encoder under one deterministic transform.

    Args:
        folder: where it lies; ``None`` for ``$MMALM_HOME/features/<key>`` (MMALM_HOME is ~/.cache/mmalm unless set).
        encoder: a frozen encoder.
        transform: a deterministic transform.
        keep: 'cls' for ``[K, D]`` a sample, 'levels' for ``[K, 1+N, D]``: the summary token, then all tokens of the level (with
            float16, one level of 64 tokens of 384 is 50 KB). ``None``: what is read, as ``reads`` says.
        dtype: on disk, 'float32' or 'float16'; features are always given as float32.
        reads: what the connector reads, 'cls' or 'levels'; given by the model.

    Raises:
        ConfigError: the transform is random, something in the encoder trains, its levels differ in width, or the folder
            holds other features, or fewer than the connector reads.
    """

    def __init__(
        self,
        folder: str | Path | None,
        encoder: Encoder,
        transform: Callable[[Any], Tensor],
        keep: Literal['cls', 'levels'] | None = None,
        dtype: Literal['float32', 'float16'] = 'float32',
        reads: Literal['cls', 'levels'] = 'cls',
    ) -> None:
        keep = kept(keep, reads)
        check_cacheable(encoder, transform, keep, dtype)
        if any(parameter.is_meta for parameter in encoder.parameters()):
            raise ConfigError('feature cache: the encoder is on the meta device and has no weights.')
        self.encoder = encoder
        self.transform = transform
        self.keep = keep
        shape = [encoder.num_levels, encoder.width]
        if keep == 'levels':
            shape.insert(1, 1 + encoder.tokens[0])
        # what decides the features, and nothing else
        content = {
            'encoder': encoder.base_model(),
            'levels': encoder.num_levels,
            'pooling': encoder.pooling,
            'keep': keep,
            'preprocessing': encoder.preprocessing.as_dict(),
            'transform': transform.spec(),
            'shape': shape,
            'dtype': dtype,
            'format': FORMAT,
            **({} if encoder.normed else {'normed': False}),
        }
        self.key = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        self.folder = Path(folder) if folder is not None else default_folder() / self.key[:32]
        open_folder(self.folder, content)
        self.store = RowStore(self.folder, shape, dtype)
        self._hashes: dict[tuple[str, int, int, str], str] = {}

    def fill(self, dataset: Any, batch_size: int = 16, progress: bool = True) -> int:
        """Compute what is missing of ``dataset``; returns how many samples this process computed.

        Several processes may fill one cache at once: each takes what the others are not working on.

        Args:
            dataset: with ``media``, ``media_path(key)`` and ``load_media(key)``.
            batch_size: pictures through the encoder at once.
            progress: show how far it is and the time left.

        Raises:
            MissingDataError: whatever the data set raises for a missing or truncated picture; what was computed stays.
        """
        media = {self.media_key(dataset, key): key for key in dataset.media}
        missing = [row for row in media if not self.store.is_intact(row)]
        computed = 0
        with progress_bar('features', len(missing), progress) as advance:
            left = missing
            while left:
                deferred: list[str] = []
                for start in range(0, len(left), batch_size):
                    rows = left[start : start + batch_size]
                    with self.store.claimed(rows) as mine:
                        self.store.refresh()
                        todo = [row for row in mine if not self.store.is_intact(row)]
                        if todo:
                            computed += self.store.append(self._compute(dataset, {row: media[row] for row in todo}))
                    deferred += [row for row in rows if row not in mine]
                    advance(len(mine))
                # another process works on these, or died over them
                for row in deferred:
                    self.store.wait_for(row)
                left = [row for row in deferred if not self.store.is_intact(row)]
                advance(len(deferred) - len(left))
        return computed

    def features(self, row: str) -> Tensor:
        """The features under a key of :meth:`media_key`: ``[K, D]`` (``[K, 1+N, D]`` with keep='levels'), float32.

        Raises:
            MissingDataError: not filled yet, or damaged.
        """
        if row not in self.store:
            self.store.refresh()
        if row not in self.store:
            raise MissingDataError(
                f'The feature cache {self.folder} does not hold the sample {row[:12]}: it was not filled to '
                'the end, or the file has changed since. Call fill() with this data set.'
            )
        return torch.from_numpy(self.store.read(row)).float()

    def media_key(self, dataset: Any, media: str) -> str:
        """The key of a sample: sha256 of its file's bytes, and of how the data set decodes them where it says so.

        The attribute for that is ``media_spec``, a JSON-able dict (background, rendered size).
        """
        path = Path(dataset.media_path(media))
        decoding = json.dumps(getattr(dataset, 'media_spec', None), sort_keys=True)
        try:
            stat = path.stat()
            known = (str(path), stat.st_mtime_ns, stat.st_size, decoding)
            if known not in self._hashes:
                self._hashes[known] = hashlib.sha256(path.read_bytes() + decoding.encode()).hexdigest()
        except OSError as error:
            dataset.load_media(media)  # a data set knows best what to say of a picture that cannot be read
            raise MissingDataError(f'The file of {media!r} cannot be read: {path}: {error.strerror}.') from error
        return self._hashes[known]

    def _compute(self, dataset: Any, media: dict[str, str]) -> dict[str, Any]:
        parameter = next(self.encoder.parameters())
        inputs = torch.stack([self.transform(dataset.load_media(key)) for key in media.values()])
        with in_eval(self.encoder), torch.no_grad():
            perception = self.encoder(inputs.to(parameter.device))
        return dict(zip(media, perception.to_features(self.keep).float().cpu().numpy(), strict=True))


class CachedFeatures(torch.utils.data.Dataset):
    """A data set whose samples carry 'features' in place of their encoder's input; no media is decoded.

    Features are ``[K, D]`` or ``[K, 1+N, D]``. Everything else (``media``, ``answers`` ...) is the data set's own.
    """

    def __init__(self, dataset: Any, cache: FeatureCache) -> None:
        self.dataset = dataset
        self.cache = cache
        self._blind = blind(dataset)

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> dict[str, Any]:
        sample = without_input(self.dataset, self._blind[index])
        # features do not tell of what they are
        sample.setdefault('modality', self.cache.encoder.modality)
        sample['features'] = self.cache.features(self.cache.media_key(self.dataset, sample['media']))
        return sample

    def blind(self) -> Any:
        """The data set as :func:`~.blind.blind` makes it, without features."""
        return self._blind

    def __getattr__(self, name: str) -> Any:
        if name.startswith('__') or 'dataset' not in self.__dict__:
            raise AttributeError(name)
        return getattr(self.dataset, name)


def default_folder() -> Path:
    """Where caches lie that are given no folder."""
    return home() / 'features'
