"""Spectrograms as frozen encoders of sound expect them, 100 frames a second.

Legend: n samples, t frames, mel bins.
"""

import functools
import math

import torch
import torchaudio
from torch import Tensor
from torchaudio.compliance import kaldi

from ...encoders.audio_preprocessing import FRAMES_A_SECOND, AudioPreprocessing
from ..media.audio import Waveform

# of the window that a sound is resampled by, in numbers: beyond that its rate is rounded
LARGEST_KERNEL = 4_000_000
ROUNDED_TO = 10  # Hz


def resampled(sound: Waveform, rate: int) -> Tensor:
    """A sound at another rate, ``[n]`` float32, by windowed sinc interpolation; always the same.

    Rates without a common divisor of any size (11,127 and 16,000 Hz) would need a window of gigabytes: such a sound is taken
    for one of the nearest 10 Hz, which changes pitch by less than one part in a thousand.
    """
    own, samples = sound.rate, torch.from_numpy(sound.samples)
    if _kernel(own, rate) > LARGEST_KERNEL:
        own = max(ROUNDED_TO, round(own / ROUNDED_TO) * ROUNDED_TO)
    return samples if own == rate else torchaudio.functional.resample(samples, own, rate)


def _kernel(own: int, rate: int) -> int:
    common = math.gcd(own, rate)
    return (own // common) * (rate // common)


def mel_spectrogram(samples: Tensor, wanted: AudioPreprocessing) -> Tensor:
    """Logarithms of a sound's mel bank ``[t, mel]``, before AST's statistics; ``samples`` are ``[n]`` at the encoder's rate.

    Kaldi's gives a frame for each whole window of 25 ms; Whisper's one for each 10 ms.
    """
    return _MAKERS[wanted.kind](samples, wanted)


def _kaldi(samples: Tensor, wanted: AudioPreprocessing) -> Tensor:
    # AST, section 2.1 and its code: 128 bins, 25 ms Hanning windows every 10 ms, without dither
    centred = samples - samples.mean()
    return kaldi.fbank(
        torch.nn.functional.pad(centred, (0, max(0, wanted.window - len(centred))))[None],
        htk_compat=True,
        sample_frequency=wanted.sample_rate,
        use_energy=False,
        window_type='hanning',
        num_mel_bins=wanted.mel_bins,
        dither=0.0,
        frame_shift=1000 / FRAMES_A_SECOND,
    )


def _whisper(samples: Tensor, wanted: AudioPreprocessing) -> Tensor:
    # Whisper, section 2.2 and its code: 8 powers of ten below the loudest, scaled to about -1..1
    fft, hop = wanted.window, wanted.sample_rate // FRAMES_A_SECOND
    spectrum = torch.stft(samples, fft, hop, window=torch.hann_window(fft), return_complex=True)
    power = spectrum[:, :-1].abs() ** 2
    filters = _filters(fft // 2 + 1, wanted.sample_rate, wanted.mel_bins)
    logs = (filters.T @ power).clamp(min=1e-10).log10()
    return ((torch.maximum(logs, logs.max() - 8.0) + 4.0) / 4.0).T


@functools.cache
def _filters(frequencies: int, rate: int, bins: int) -> Tensor:
    return torchaudio.functional.melscale_fbanks(
        frequencies, 0.0, rate / 2, bins, rate, norm='slaney', mel_scale='slaney'
    )


_MAKERS = {'kaldi': _kaldi, 'whisper': _whisper}
