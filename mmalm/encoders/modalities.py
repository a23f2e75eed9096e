"""The modalities there are, and under which key of a sample each one's encoder finds its input."""

from collections.abc import Mapping
from typing import Any

# of a batch: pixels [B, 3, h, w]; frames [B, F, 3, h, w]; spectrogram [B, frames of sound, mel bins]
INPUTS = {'image': 'pixels', 'video': 'frames', 'audio': 'spectrogram'}
MODALITIES = tuple(INPUTS)


def modalities_of(batch: Mapping[str, Any]) -> list[str]:
    """The modalities of a batch or a sample, each once: as 'modality' says, else as its encoder's input tells; none for features alone."""
    stated = batch.get('modality')
    if stated is None:
        return [modality for modality, key in INPUTS.items() if key in batch]
    return [stated] if isinstance(stated, str) else list(dict.fromkeys(stated))
