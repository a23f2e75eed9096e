"""Samples into a batch."""

from collections.abc import Sequence
from typing import Any

import torch

from ..encoders.modalities import INPUTS
from ..errors import ConfigError

STACKED = (*INPUTS.values(), 'features')


def collate(samples: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Stack what the encoder gave or takes, list the rest.

    Args:
        samples: B sample dicts, each with its encoder's input ('pixels' ``[3, H, W]``, 'frames', 'spectrogram') or, from a feature
            cache, 'features' ``[K, D]``. Where modalities are mixed each sample names its own in 'modality'.

    Returns:
        the same with B in front, 'pixels' ``[B, 3, H, W]`` or 'features' ``[B, K, D]``, and one list of length B for each of
        id, media, task, question, answer, answers, and whatever else all samples carry. A mixed batch has 'parts' in place of the
        tensor: by modality, the batch of its own samples.

    Raises:
        ConfigError: no samples, samples with neither or with both, or tensors of different shapes.
    """
    if not samples:
        raise ConfigError('collate: an empty batch.')
    modalities = dict.fromkeys(sample.get('modality') for sample in samples)
    if len(modalities) == 1:
        return _one_kind(samples)
    if None in modalities:
        raise ConfigError(
            'collate: some samples of a batch have a "modality" and some have none. MixedDataset gives it to all.'
        )
    parts = {name: _one_kind([sample for sample in samples if sample['modality'] == name]) for name in modalities}
    return {**_listed(samples), 'parts': parts}


def _one_kind(samples: Sequence[dict[str, Any]]) -> dict[str, Any]:
    kinds = {tuple(key for key in STACKED if key in sample) for sample in samples}
    if len(kinds) != 1 or len(next(iter(kinds))) != 1:
        found = ' and '.join(sorted('+'.join(kind) or 'neither' for kind in kinds))
        raise ConfigError(
            f'collate: every sample of a batch has one of {", ".join(STACKED)}, and all the same; found {found}.'
        )
    (key,) = next(iter(kinds))
    shapes = {tuple(sample[key].shape) for sample in samples}
    if len(shapes) > 1:
        raise ConfigError(
            f'collate: {key!r} differ in shape within a batch: {", ".join(map(str, sorted(shapes)))}. '
            'Does the transform resize to one size?'
        )
    return {key: torch.stack([sample[key] for sample in samples]), **_listed(samples)}


def _listed(samples: Sequence[dict[str, Any]]) -> dict[str, list]:
    """What all samples carry beside tensors, one list a name."""
    shared = [name for name in samples[0] if name not in STACKED and all(name in sample for sample in samples)]
    return {name: [sample[name] for sample in samples] for name in shared}
