"""What the connector attends to, for the samples that a page shows.

Legend: B batch, T prompt tokens, N tokens of the deepest level.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from mmalm.errors import ConfigError, MmalmError

from ..datasets.media.kinds import KINDS
from ..pages.attention import Attention
from ..pages.drawings import seen_picture
from .facade import Facade

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
    connector.watching()
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
        for row, (place, sample) in enumerate(chunk):
            if weights is not None and (shown is None or shown[row]):
                found[place] = _attention(model.encoder, sample, weights[row])
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
        if len(weights) == rows:
            first.setdefault(source, weights.float().mean((1, 2)).cpu())
    return torch.stack(list(first.values())).mean(0) if first else None


def _attention(encoder: nn.Module, sample: Mapping[str, Any], weights: Tensor) -> Attention:
    layout = encoder.layout
    picture, _ = seen_picture('image', sample[encoder.takes], encoder.preprocessing)
    patches = weights[layout.prefix :].reshape(layout.grid)
    return Attention(picture, patches.numpy(), float(weights[: layout.prefix].sum()))
