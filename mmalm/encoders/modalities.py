"""The modalities there are, and under which key of a sample each one's encoder finds its input."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import ConfigError

# of a batch: pixels [B, 3, h, w]; frames [B, F, 3, h, w]; spectrogram [B, frames of sound, mel bins]
INPUTS = {'image': 'pixels', 'video': 'frames', 'audio': 'spectrogram'}
MODALITIES = tuple(INPUTS)


def modalities_of(batch: Mapping[str, Any]) -> list[str]:
    """The modalities of a batch or a sample, each once; none where only features are there, which do not tell.

    What 'modality' says holds, else what is there for an encoder to take.
    """
    stated = batch.get('modality')
    if stated is None:
        return [modality for modality, key in INPUTS.items() if key in batch]
    return [stated] if isinstance(stated, str) else list(dict.fromkeys(stated))


def by_modality(batch: Mapping[str, Any]) -> list[tuple[str | None, Sequence[int], Mapping[str, Any]]]:
    """A batch's samples by modality.

    Args:
        batch: of one modality; or mixed, with 'modality', B long, and for each modality the batch of its own samples in 'parts'.

    Returns:
        modality (None where nothing tells), rows of the batch, and the batch of these rows.
    """
    parts = batch.get('parts')
    if parts is None:
        found = modalities_of(batch)
        if len(found) > 1:
            raise ConfigError(
                f'A batch of {" and ".join(found)} needs "parts": for each, the batch of its own samples.'
            )
        size = next(len(value) for value in batch.values() if isinstance(value, (list, tuple)))
        return [(found[0] if found else None, range(size), batch)]
    rows: dict[str, list[int]] = {}
    for row, modality in enumerate(batch['modality']):
        rows.setdefault(modality, []).append(row)
    return [(modality, found, parts[modality]) for modality, found in rows.items()]
