"""Videos and sounds small enough to be played in a page by the dozen."""

import io
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from ..datasets.media.audio import Waveform
from ..datasets.media.clip_writing import write_clip
from ..datasets.media.video import VideoClip
from ..datasets.transforms.spectrogram import resampled

SECONDS = 20.0  # of a sound, at most
FRAMES = 48  # of a clip, at most
# sample rates, and libsndfile's compression, from the best on; browsers play MP3
SOUND_STEPS = ((16_000, 0.5), (16_000, 0.9), (8_000, 0.9))
# pixels of the longer edge, and x264's quality
CLIP_STEPS = ((192, 30), (160, 34), (128, 38), (96, 40))


def sound_file(sound: Waveform, most: int) -> bytes:
    """The beginning of a sound as MP3 with one channel, of no more than ``most`` bytes where that goes at all."""
    seconds = min(sound.seconds, SECONDS)
    while True:
        kept = Waveform(sound.samples[: max(int(seconds * sound.rate), 1)], sound.rate)
        for rate, compression in SOUND_STEPS:
            buffer = io.BytesIO()
            # louder than full scale would be cut off with a crack
            samples = resampled(kept, rate).numpy()
            samples = samples / max(float(np.abs(samples).max()), 1.0)
            soundfile.write(buffer, samples, rate, format='MP3', compression_level=compression)
            if buffer.tell() <= most:
                return buffer.getvalue()
        if seconds <= 0.5:
            return buffer.getvalue()
        seconds /= 2


def clip_file(clip: VideoClip, most: int) -> bytes:
    """A clip as a small MP4 at its own speed, with fewer frames where it has many, of no more than ``most`` bytes if possible."""
    shown = min(clip.count, FRAMES)
    seconds = clip.count / (clip.fps or 8.0)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / 'clip.mp4'
        while True:
            pictures = clip.frames([place * clip.count // shown for place in range(shown)])
            times = [round(1000 * seconds * place / shown) for place in range(shown)]
            for side, quality in CLIP_STEPS:
                small = [_even(Image.fromarray(picture), side) for picture in pictures]
                options = {'crf': str(quality), 'preset': 'veryfast'}
                write_clip(file, small, fps=max(round(shown / seconds), 1), options=options, times=times)
                if file.stat().st_size <= most:
                    return file.read_bytes()
            if shown <= 2:
                return file.read_bytes()
            shown //= 2


def _even(picture: Image.Image, side: int) -> np.ndarray:
    """``[h, w, 3]``, no edge longer than ``side``, both even, as codecs want them."""
    scale = min(1.0, side / max(picture.size))
    size = [max(round(edge * scale / 2), 1) * 2 for edge in picture.size]
    return np.asarray(picture.resize(size, Image.Resampling.LANCZOS))
