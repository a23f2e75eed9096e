"""Sound files: read whole, mixed to one channel, at their own rate."""

import re
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import soundfile

from .durations import refuse_cut_off

# what decoders raise for files that are missing or damaged, and read_audio for those that hold no sound
UNREADABLE = (OSError, ValueError, IndexError, soundfile.SoundFileError, av.FFmpegError)
# how files become samples, for the key of cached features
MEDIA_SPEC = {'decoder': 'libsndfile, ffmpeg', 'channels': 'mean'}
ENDINGS = (
    '.wav',
    '.flac',
    '.ogg',
    '.oga',
    '.opus',
    '.mp3',
    '.aif',
    '.aiff',
    '.au',
    '.m4a',
    '.aac',
    '.mp4',
    '.webm',
    '.mka',
)

# what libsndfile notes of a file that ends too early: of WAV, AIFF and AU, and of Ogg, where it reads on without a word
_SHORT_CHUNK = re.compile(r'^ *(?:data|SSND|Data Size) *: (\d+) \(should be (\d+)\)', re.MULTILINE)
_SHORT_PAGE = 'Junk after the last page.'


@dataclass(frozen=True)
class Waveform:
    """A sound.

    Attributes:
        samples: ``[n]`` float32 from -1 to 1, the mean of all channels; n is 1 or more.
        rate: samples a second, in Hz.
    """

    samples: np.ndarray
    rate: int

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / self.rate


def read_audio(path: str | Path) -> Waveform:
    """A sound file: by libsndfile (wav, flac, ogg, opus, mp3, ..), by FFmpeg what that cannot read (m4a, mp4, webm, ..).

    Of a file with several sound streams the first is read. Silence is a sound like any other.

    Raises:
        one of UNREADABLE: it is missing or damaged, holds no sound, none of any length, or samples that are no numbers.
    """
    path = Path(path)
    with open(path, 'rb') as file:  # says best what is wrong with a path
        if not file.read(1):
            raise ValueError('it is empty')
    try:
        with soundfile.SoundFile(path) as file:
            samples, rate = file.read(dtype='float32', always_2d=True), file.samplerate
            stated, log = file.frames, file.extra_info
    except soundfile.SoundFileError:
        samples, rate = _by_ffmpeg(path)
    else:
        _refuse_cut_off(len(samples), stated, log)
    if not len(samples):
        raise ValueError('it has no samples: zero length, or cut off before the first')
    mono = samples.mean(axis=1, dtype=np.float32)
    if not np.isfinite(mono).all():
        raise ValueError('some of its samples are no finite numbers')
    return Waveform(np.ascontiguousarray(mono), rate)


def why_unreadable(path: Path, error: BaseException) -> str:
    """One line on a sound that could not be read."""
    if not path.exists():
        return f'{path} is not there'
    if path.is_dir():
        return f'{path} is a folder'
    reason = getattr(error, 'strerror', None) or str(error) or type(error).__name__
    return f'{path} ({path.stat().st_size:,} bytes) cannot be read as a sound: {reason.splitlines()[0]}'


def _refuse_cut_off(count: int, stated: int, log: str) -> None:
    """Raise a ValueError where a file holds less than it says; libsndfile reads what is there without a word."""
    if count < 0.9 * stated:
        raise ValueError(f'it is cut off: {count:,} of {stated:,} samples are there')
    chunk = _SHORT_CHUNK.search(log)
    # programs that write to a pipe state the largest number there is
    if chunk and int(chunk[2]) < int(chunk[1]) < 2**31 - 2**16:
        raise ValueError(f'it is cut off: {int(chunk[2]):,} of {int(chunk[1]):,} bytes of sound are there')
    if _SHORT_PAGE in log and 'lacks an end-of-stream bit' in log:
        raise ValueError('it is cut off: it ends in the middle of a page')


def _by_ffmpeg(path: Path) -> tuple[np.ndarray, int]:
    """Samples ``[n, channels]`` of the first sound stream, and their rate."""
    with av.open(str(path), metadata_errors='replace') as file:
        if not file.streams.audio:
            kinds = ', '.join(sorted({stream.type for stream in file.streams})) or 'nothing'
            raise ValueError(f'no audio stream, only {kinds}')
        stream = file.streams.audio[0]
        rate = stream.rate
        planar = av.AudioResampler(format='fltp', rate=rate)
        frames = [made for frame in file.decode(stream) for made in planar.resample(frame)]
        refuse_cut_off(file, stream, sum(frame.samples for frame in frames) / rate)
    parts = [frame.to_ndarray().T for frame in frames]
    return (np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)), rate
