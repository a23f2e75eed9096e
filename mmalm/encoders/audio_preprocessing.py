"""What a frozen audio encoder expects of its sounds: sample rate, kind and size of the spectrogram, statistics."""

import math
from dataclasses import asdict, dataclass
from typing import Any

from ..errors import ConfigError, check_choice

KINDS = ('kaldi', 'whisper')
FRAMES_A_SECOND = 100
# of sound that a frame is made from
WINDOW_SECONDS = 0.025


@dataclass(frozen=True)
class AudioPreprocessing:
    """How a sound becomes a spectrogram ``[frames, mel_bins]``, 100 frames a second.

    Attributes:
        kind: 'kaldi': logarithms of Kaldi's mel bank under a Hanning window, of the sound without its mean, less ``mean`` and
            divided by twice ``std`` (AST, arXiv 2104.01778, section 2.1); 'whisper': Whisper's own logarithms of a mel bank
            (arXiv 2212.04356, section 2.2), which scale themselves.
        sample_rate: in Hz; sounds of another are resampled.
        mel_bins: how many.
        frames: t, how many the encoder takes; a second is 100.
        mean: of Kaldi's spectrograms.
        std: likewise.
    """

    kind: str
    sample_rate: int
    mel_bins: int
    frames: int
    mean: float = 0.0
    std: float = 0.5

    def __post_init__(self) -> None:
        check_choice('preprocessing', 'kind', self.kind, KINDS)
        for name in ('sample_rate', 'mel_bins', 'frames'):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ConfigError(f'preprocessing: {name} is a number from 1 on, found {value!r}.')
        if self.sample_rate % FRAMES_A_SECOND:
            raise ConfigError(
                f'preprocessing: a frame is a hundredth of a second, and sample_rate={self.sample_rate} is not divisible by it.'
            )
        if not self.std > 0:
            raise ConfigError(f'preprocessing: std must be positive, found {self.std}.')

    @property
    def samples(self) -> int:
        """How many samples of a sound the frames are made from."""
        hop = self.sample_rate // FRAMES_A_SECOND
        # Kaldi's windows lie within the sound, Whisper's are centred on their frame
        beyond = 0 if self.kind == 'whisper' else self.window - hop
        return self.frames * hop + beyond

    @property
    def window(self) -> int:
        """How many samples each frame is made from."""
        return math.ceil(WINDOW_SECONDS * self.sample_rate)

    @property
    def shape(self) -> tuple[int, int]:
        """Of a spectrogram: frames and mel bins."""
        return self.frames, self.mel_bins

    def as_dict(self) -> dict[str, Any]:
        """A JSON-able form that is equal exactly where the preprocessing is."""
        return asdict(self)
