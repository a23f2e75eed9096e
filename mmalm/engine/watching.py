"""What the connector attends to, for the samples that a page shows.

Legend: B batch, T prompt tokens, N tokens of the deepest level.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader

from mmalm.errors import ConfigError, MmalmError

from ..connectors.base import Connector
from ..datasets.media.kinds import KINDS
from ..encoders.layout import covered
from ..pages.attention import WHOLE, Attention
from ..pages.drawings import seen_picture
from ..pages.previews import part_of
from ..pages.thumbnails import SIDE
from .facade import Facade

Region = tuple[float, float, float, float]
Watch = Callable[[Sequence[int]], Mapping[int, Attention]]


def check_watchable(model: nn.Module) -> None:
    """See that attention can be shown over pictures.

    Raises:
        ConfigError: several modalities, a connector that does not say what it attends to, or an encoder without a grid of patches.
    """
    connector, encoder = getattr(model, 'connector', None), getattr(model, 'encoder', None)
    if encoder is None:
        raise ConfigError(f'--attention shows a model with one encoder; found {type(model).__name__}.')
    if connector is None:
        raise ConfigError('--attention: this model has no connector, so nothing attends to the picture.')
    getattr(connector, 'watching', functools.partial(Connector.watching, connector))()
    layout = encoder.layout
    if encoder.modality != 'image':
        raise ConfigError(
            f'--attention is laid over the patches of a picture, and this model perceives {KINDS[encoder.modality].nouns}.'
        )
    if layout is None or layout.grid is None:
        raise ConfigError(
            f'--attention is laid over the patches of a picture, and the tokens of {type(encoder).__name__} make no grid.'
        )


def watch(facade: Facade, loader: DataLoader, places: Sequence[int]) -> dict[int, Attention]:
    """What the prompts of some samples attend to; samples that are given no prompt, or cannot be read, are left out.

    Args:
        facade: holds the model; left in eval mode.
        loader: of the data set, with what the encoder takes and not with features of it.
        places: of the samples.

    Raises:
        ConfigError: the connector attends to other than the tokens of the encoder's deepest level.
    """
    facade.eval()
    model, found = facade.module, {}
    samples = _readable(loader.dataset, places)
    size = loader.batch_sampler.batch_size
    for start in range(0, len(samples), size):
        chunk = samples[start : start + size]
        batch = loader.collate_fn([sample for _, sample in chunk])
        with model.connector.watching() as maps:
            facade.val_step(batch)
        weights, shown = _together(maps, len(chunk)), model.shown(batch)
        if weights is None:
            continue
        _check_tokens(model, weights)
        for row, (place, sample) in enumerate(chunk):
            if shown is None or shown[row]:
                found[place] = _attention(model.encoder, loader.dataset, sample, weights[row])
    return found


def _readable(dataset: Any, places: Sequence[int]) -> list[tuple[int, dict]]:
    samples = []
    for place in places:
        try:
            samples.append((place, dataset[place]))
        except (MmalmError, OSError):  # its card says what is wrong with it
            continue
    return samples


def _together(maps: Sequence[tuple[int, Tensor]], rows: int) -> Tensor | None:
    """``[B, N]``: the mean over heads, prompt tokens and sources, of each source's first pass over the batch."""
    first: dict[int, Tensor] = {}
    for source, weights in maps:
        # in a beam search a sample's beams lie side by side, all alike before the first word
        if source not in first and len(weights) % rows == 0:
            first[source] = weights[:: len(weights) // rows].float().mean((1, 2)).cpu()
    return torch.stack(list(first.values())).mean(0) if first else None


def _check_tokens(model: nn.Module, weights: Tensor) -> None:
    connector, layout = model.connector, model.encoder.layout
    if weights.shape[-1] != layout.count:
        raise ConfigError(
            f'--attention: {type(connector).__name__} attends to {weights.shape[-1]} tokens, and the deepest level of '
            f'{type(model.encoder).__name__} has {layout.count}; its watching() is to note [B, heads, T, {layout.count}].'
        )


def _attention(encoder: nn.Module, dataset: Any, sample: Mapping[str, Any], weights: Tensor) -> Attention:
    layout = encoder.layout
    picture, (left, top, right, bottom) = _picture(encoder, dataset, sample)
    high, wide = covered(layout.grid, encoder.patch_size, encoder.preprocessing.size)
    return Attention(
        picture,
        weights[layout.prefix :].reshape(layout.grid).numpy(),
        float(weights[: layout.prefix].sum()),
        (left, top, left + wide * (right - left), top + high * (bottom - top)),
    )


def _picture(encoder: nn.Module, dataset: Any, sample: Mapping[str, Any]) -> tuple[Image.Image, Region]:
    """A sample's picture, and the part of it that the encoder is given: all, of what it is given, where no transform says."""
    media = sample.get('media')
    if media is not None and hasattr(dataset, 'load_media'):
        region = getattr(getattr(part_of(dataset, media), 'transform', None), 'region', None)
        picture = dataset.load_media(media)
        if region is not None and (part := region(picture.size)) is not None:
            picture.thumbnail((SIDE, SIDE))  # a page has hundreds
            return picture, part
    return seen_picture('image', sample[encoder.takes], encoder.preprocessing)[0], WHOLE
