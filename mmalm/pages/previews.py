"""What a page shows of a medium: a picture, or a picture with a player."""

import base64
from dataclasses import dataclass
from typing import Any

from PIL import Image

from ..datasets.media.audio import UNREADABLE as UNREADABLE_SOUND
from ..datasets.media.audio import Waveform
from ..datasets.media.video import UNREADABLE as UNREADABLE_VIDEO
from ..datasets.media.video import VideoClip
from ..errors import MmalmError
from .drawings import wave_picture
from .players import clip_file, sound_file
from .thumbnails import Thumbnails

BUDGET = 12_000_000  # bytes of all players of a page
MOST = 96_000  # bytes of one
# a clip is decoded only as its frames are asked for
UNREADABLE = (MmalmError, *UNREADABLE_SOUND, *UNREADABLE_VIDEO)


@dataclass(frozen=True)
class Preview:
    """One medium on a page.

    Attributes:
        kind: 'image', 'video' or 'audio'.
        picture: address of the picture, a clip's poster, or a sound's wave; None where there is none.
        player: address of the clip or sound to be played.
        about: how large or long it is, in words.
        instead: what to say where there is no picture.
    """

    kind: str
    picture: str | None = None
    player: str | None = None
    about: str = ''
    instead: str = ''


class Previews:
    """Makes previews whose ``data:`` addresses together stay within a budget.

    Args:
        count: how many media the page will show.
    """

    def __init__(self, count: int) -> None:
        self.thumbnail = Thumbnails(count)
        self.cap = min(MOST, BUDGET * 3 // 4 // max(count, 1))  # base64 makes 4 bytes of 3

    def __call__(self, medium: Image.Image | VideoClip | Waveform) -> Preview:
        """The preview of a medium.

        Raises:
            one of UNREADABLE: a clip whose frames cannot be decoded.
        """
        if isinstance(medium, Waveform):
            picture = self.thumbnail(wave_picture(medium))
            about = f'{medium.seconds:.1f} s, {medium.rate:,} Hz'
            return Preview('audio', picture, _address('audio/mpeg', sound_file(medium, self.cap)), about)
        if isinstance(medium, VideoClip):
            poster = self.thumbnail(Image.fromarray(medium.frames([medium.count // 2])[0]))
            about = f'{medium.size[1]} × {medium.size[0]}, {medium.count:,} frames'
            return Preview('video', poster, _address('video/mp4', clip_file(medium, self.cap)), about)
        return Preview('image', self.thumbnail(medium), about=f'{medium.width} × {medium.height}')

    def of(self, dataset: Any, media: str | None) -> Preview:
        """The preview of a data set's medium; says why where there is none."""
        if media is None or not hasattr(dataset, 'load_media'):
            return Preview('image', instead='this data set shows no media')
        try:
            return self(dataset.load_media(media))
        except UNREADABLE as error:
            return Preview(modality_of(dataset, media), instead=str(error).split('\n')[0])


def part_of(dataset: Any, media: str) -> Any:
    """The data set a medium is of: the one that was given, or a part of a mixture."""
    return dataset.part_of(media) if hasattr(dataset, 'part_of') else dataset


def modality_of(dataset: Any, media: str) -> str:
    """The modality of a medium."""
    return getattr(part_of(dataset, media), 'modality', 'image')


def _address(kind: str, content: bytes) -> str:
    return f'data:{kind};base64,{base64.b64encode(content).decode()}'
