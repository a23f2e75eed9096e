"""The one sound transform: a sound becomes the spectrogram its encoder expects; augmented for training."""

from collections.abc import Mapping
from inspect import signature
from typing import Annotated, Any, Literal

import torch
from annotated_types import Ge
from torch import Tensor
from torchaudio.transforms import FrequencyMasking, TimeMasking

from ...encoders.audio_preprocessing import AudioPreprocessing
from ...errors import ConfigError, check_choice, closest
from ...registry import TRANSFORMS, Bound
from ..media.audio import Waveform
from .spectrogram import mel_spectrogram, resampled

CROPS = ('start', 'centre', 'random')
FILLS = ('silence', 'repeat')


def spec_augment(freq: Annotated[int, Ge(0)] = 24, time: Annotated[int, Ge(0)] = 96) -> list[torch.nn.Module]:
    """SpecAugment (arXiv 1904.08779): one band of frequencies and one of time are blotted out, of random width.

    Args:
        freq: mel bins it blots out at most, 0 for none; 24 as AST and eP-ALM do it.
        time: frames it blots out at most, 0 for none; 96 in a window of 1,024 frames as eP-ALM does it.
    """
    for name, value in (('freq', freq), ('time', time)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise ConfigError(f'augment: {name} is how many to blot out at most, 0 or more; found {value!r}.')
    return [kind(most) for kind, most in ((FrequencyMasking, freq), (TimeMasking, time)) if most]


@TRANSFORMS.register_module()
class AudioTransform:
    """Resample, cut or fill to the encoder's window, and make the spectrogram its encoder expects.

    Args:
        preprocessing: kind and size of the spectrogram, sample rate, statistics; a model's data sets are given it by context.
        crop: what is kept of a sound that is longer than the window: its 'start', its 'centre', or in training a part at 'random'.
        fill: what a shorter one is filled with: 'silence' at its end, or itself ('repeat').
        augment: ``None``, or what to do in training, see :func:`spec_augment`: ``dict(freq=24, time=96)``.

    Raises:
        ConfigError: unknown crop, fill or augmentation, or a preprocessing that is not of sound.
    """

    nodes = {'augment': Bound(spec_augment)}

    def __init__(
        self,
        preprocessing: AudioPreprocessing | Mapping[str, Any],
        crop: Literal['start', 'centre', 'random'] = 'start',
        fill: Literal['silence', 'repeat'] = 'silence',
        augment: Mapping[str, Any] | None = None,
    ) -> None:
        check_choice('AudioTransform', 'crop', crop, CROPS)
        check_choice('AudioTransform', 'fill', fill, FILLS)
        if isinstance(preprocessing, Mapping):
            preprocessing = AudioPreprocessing(**preprocessing)
        if not isinstance(preprocessing, AudioPreprocessing):
            raise ConfigError(
                'AudioTransform: the encoder takes no sound. Take one that does: '
                "encoder=dict(type='WhisperEncoder', model='zoo:whisper-tiny-en')."
            )
        known = list(signature(spec_augment).parameters)
        for name in augment or {}:
            if name not in known:
                raise ConfigError(f'augment: unknown key {name!r}. {closest(name, known)} Keys: {", ".join(known)}.')
        self.preprocessing, self.crop, self.fill = preprocessing, crop, fill
        self.augment = None if augment is None else dict(augment)
        self._masks = spec_augment(**(augment or {})) if augment is not None else []

    @property
    def deterministic(self) -> bool:
        """Whether the same sound always gives the same tensor."""
        return self.augment is None and self.crop != 'random'

    def __call__(self, sound: Waveform) -> Tensor:
        """A sound as ``[t, mel]`` float32."""
        wanted = self.preprocessing
        samples = self._cut(resampled(sound, wanted.sample_rate))
        # AST pads spectrograms with zeros, before its statistics; Whisper pads sounds
        if wanted.kind == 'whisper' or self.fill == 'repeat':
            samples = _filled(samples, wanted.samples, self.fill)
        found = mel_spectrogram(samples, wanted)[: wanted.frames]
        found = torch.nn.functional.pad(found, (0, 0, 0, wanted.frames - len(found)))
        for mask in self._masks:
            found = mask(found.T[None])[0].T
        return (found - wanted.mean) / (2 * wanted.std)

    def spec(self) -> dict[str, Any]:
        """All that decides the result, JSON-able: equal specs give equal tensors, if deterministic."""
        return {
            'type': type(self).__name__,
            'preprocessing': self.preprocessing.as_dict(),
            'crop': self.crop,
            'fill': self.fill,
            'augment': self.augment,
        }

    def _cut(self, samples: Tensor) -> Tensor:
        left = len(samples) - self.preprocessing.samples
        if left <= 0:
            return samples
        start = {'start': 0, 'centre': left // 2}.get(self.crop)
        if start is None:
            start = int(torch.randint(left + 1, ()))
        return samples[start : start + self.preprocessing.samples]


def _filled(samples: Tensor, wanted: int, fill: str) -> Tensor:
    """``[wanted]`` samples."""
    if fill == 'repeat':
        samples = samples.repeat(-(-wanted // len(samples)))[:wanted]
    return torch.nn.functional.pad(samples, (0, wanted - len(samples)))
