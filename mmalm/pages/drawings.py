"""Pictures of what is no picture: sounds, and what encoders of sounds and videos are given.

Legend: F frames of a clip, t frames of a sound, mel bins.
"""

import math
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor

from ..datasets.media.audio import Waveform
from .thumbnails import denormalised

WAVE = (480, 120)  # pixels
WAVE_COLOUR, AXIS_COLOUR = (42, 91, 215), (214, 221, 232)
# dark to light: nothing, little, much, most
_HEAT = np.array([(13, 8, 36), (87, 22, 110), (188, 55, 84), (249, 142, 9), (252, 255, 164)], dtype=float)


def wave_picture(sound: Waveform) -> Image.Image:
    """How loud a sound is from its start to its end: for each column the lowest and the highest sample, -1 to 1."""
    width, height = WAVE
    canvas = np.full((height, width, 3), 255, dtype=np.uint8)
    canvas[height // 2] = AXIS_COLOUR
    edges = np.linspace(0, len(sound.samples), width + 1).astype(int)
    for column in range(width):
        part = sound.samples[edges[column] : max(edges[column + 1], edges[column] + 1)]
        high, low = (np.clip(value, -1, 1) for value in (part.max(), part.min()))
        top, bottom = (int(round((1 - value) / 2 * (height - 1))) for value in (high, low))
        canvas[top : bottom + 1, column] = WAVE_COLOUR
    return Image.fromarray(canvas)


def heat_picture(spectrogram: Tensor) -> Image.Image:
    """A spectrogram ``[t, mel]``: time to the right, low frequencies at the bottom, from its least to its highest value."""
    values = spectrogram.float().cpu().numpy().T[::-1]
    span = float(values.max() - values.min())
    scaled = (values - values.min()) / span if span > 0 else np.zeros_like(values)
    return Image.fromarray(heat(scaled).round().astype(np.uint8))


def heat(values: np.ndarray) -> np.ndarray:
    """Colours ``[..., 3]``, 0 to 255, of values from 0, dark, to 1, light."""
    steps = np.linspace(0, 1, len(_HEAT))
    return np.stack([np.interp(values, steps, _HEAT[:, channel]) for channel in range(3)], axis=-1)


def sheet(frames: Tensor, mean: Any, std: Any) -> Image.Image:
    """Frames ``[F, 3, h, w]`` as an encoder is given them, in rows, from the first at the upper left."""
    pictures = [denormalised(frame, mean, std) for frame in frames]
    columns = math.ceil(math.sqrt(len(pictures)))
    width, height = pictures[0].size
    gap = max(width // 32, 1)
    rows = -(-len(pictures) // columns)
    canvas = Image.new('RGB', (columns * (width + gap) - gap, rows * (height + gap) - gap), 'white')
    for place, picture in enumerate(pictures):
        canvas.paste(picture, (place % columns * (width + gap), place // columns * (height + gap)))
    return canvas


def seen_picture(modality: str, given: Tensor, preprocessing: Any) -> tuple[Image.Image, str]:
    """What an encoder is given of a medium, as a picture, and its size in words."""
    if modality == 'audio':
        return heat_picture(given), f'{given.shape[0]:,} frames × {given.shape[1]} mel bins'
    size = f'{given.shape[-1]} × {given.shape[-2]}'
    if modality == 'video':
        return sheet(given, preprocessing.mean, preprocessing.std), f'{len(given)} frames, {size}'
    return denormalised(given, preprocessing.mean, preprocessing.std), size
