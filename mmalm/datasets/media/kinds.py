"""How files of each modality are opened, and what is said of those that cannot be."""

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...encoders.modalities import INPUTS
from ...errors import ConfigError, check_choice


@dataclass(frozen=True)
class Kind:
    """A kind of media.

    Attributes:
        noun: what one is called, and what several are.
        module: holds ``UNREADABLE``, the exceptions of files that cannot be read, and ``why_unreadable(path, error)``;
            ``MEDIA_SPEC``, where it is there, says how files are decoded.
        opens: the function that reads a file; imported when the first one is read, with the libraries it needs.
        transform: the transform where a config names none.
        decodes: reads as much of what was opened as tells whether the file is whole.
    """

    noun: str
    nouns: str
    module: str
    opens: str
    transform: str
    decodes: Callable[[Any], Any] = lambda medium: medium

    def open(self, path: Path) -> Any:
        """The medium: a PIL picture in RGB, a VideoClip, a Waveform.

        Raises:
            one of :attr:`unreadable`.
        """
        return pkgutil.resolve_name(self.opens)(path)

    @property
    def unreadable(self) -> tuple[type[BaseException], ...]:
        """What opening and decoding raise for a file that is missing or damaged."""
        return pkgutil.resolve_name(f'{self.module}:UNREADABLE')

    def why(self, path: Path, error: BaseException) -> str:
        """One line on a file that could not be read."""
        return pkgutil.resolve_name(f'{self.module}:why_unreadable')(path, error)

    @property
    def spec(self) -> dict[str, Any] | None:
        """How files are decoded, JSON-able, for the key of cached features."""
        return getattr(pkgutil.resolve_name(self.module), 'MEDIA_SPEC', None)


KINDS = {
    'image': Kind(
        'picture',
        'pictures',
        'mmalm.datasets.pictures',
        'mmalm.datasets.pictures:read_picture',
        'ImageTransform',
    ),
    'video': Kind(
        'video',
        'videos',
        'mmalm.datasets.media.video',
        'mmalm.datasets.media.video:open_video',
        'VideoTransform',
        # the last frame tells of a file that was cut off
        lambda clip: clip.frames([0, clip.count - 1]),
    ),
    'audio': Kind(
        'sound',
        'sounds',
        'mmalm.datasets.media.audio',
        'mmalm.datasets.media.audio:read_audio',
        'AudioTransform',
    ),
}
if KINDS.keys() != INPUTS.keys():
    raise ConfigError(f'modalities {sorted(INPUTS)} and kinds of media {sorted(KINDS)} differ.')


def kind_of(modality: str, owner: str) -> Kind:
    """The kind of a modality.

    Raises:
        ConfigError: there is none of this name; ``owner`` is who asks.
    """
    check_choice(owner, 'modality', modality, KINDS)
    return KINDS[modality]
