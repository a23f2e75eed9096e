"""What a frozen video encoder expects of its clips: pictures, and how many of them."""

from dataclasses import dataclass, field

from ..errors import ConfigError
from .preprocessing import Preprocessing


@dataclass(frozen=True)
class VideoPreprocessing(Preprocessing):
    """Size and statistics of every frame, and how many frames a clip is seen by.

    Attributes:
        frames: F.
    """

    frames: int = field(kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.frames, bool) or not isinstance(self.frames, int) or self.frames < 1:
            raise ConfigError(f'preprocessing: frames is a number from 1 on, found {self.frames!r}.')


def of_clips(pictures: Preprocessing, frames: int) -> VideoPreprocessing:
    """The same for each of so many frames."""
    return VideoPreprocessing(**pictures.as_dict(), frames=frames)
