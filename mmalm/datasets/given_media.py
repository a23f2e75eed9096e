"""Media as a user hands them over: files, and what is in memory; which modality they are of, and how they are opened."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from ..errors import ConfigError, MissingDataError
from .given_pictures import Picture, as_list, as_rgba
from .media.audio import ENDINGS as SOUND_ENDINGS
from .media.audio import Waveform
from .media.kinds import KINDS
from .media.video import VideoClip
from .pictures import ENDINGS as PICTURE_ENDINGS
from .pictures import find_pictures

Medium = Picture | VideoClip | Waveform

VIDEO_ENDINGS = tuple(
    ['.mp4', '.webm', '.mkv', '.mov', '.avi', '.m4v', '.mpg', '.mpeg', '.ogv', '.flv', '.wmv', '.3gp', '.gif']
)
# a file may be of several: an MP4 has pictures or sound or both. The first that the model perceives is taken
ENDINGS = {'image': PICTURE_ENDINGS, 'video': VIDEO_ENDINGS, 'audio': SOUND_ENDINGS}

__all__ = [
    'ENDINGS',
    'Medium',
    'as_list',
    'check_kinds',
    'check_media',
    'find_media',
    'modality_of',
    'open_medium',
    'transformed',
]


def modality_of(medium: Medium, perceived: Sequence[str], modality: str | None = None) -> str:
    """The modality a medium is taken for.

    Args:
        medium: a file is told by its ending, a VideoClip and a Waveform by themselves; all else is a picture.
        perceived: modalities of the model.
        modality: what the user says it is.

    Raises:
        ConfigError: the model perceives none that it may be, or several and the ending says nothing.
    """
    known = ' and '.join(KINDS[name].nouns for name in perceived)
    if modality is not None:
        if modality not in perceived:
            raise ConfigError(
                f'modality={modality!r}: this model perceives {known}. Give one of {", ".join(perceived)}.'
            )
        return modality
    possible = _possible(medium)
    found = [name for name in possible if name in perceived]
    if found:
        return found[0]
    what = medium if isinstance(medium, (str, Path)) else type(medium).__name__
    if possible:
        raise ConfigError(f'{what} is a {KINDS[possible[0]].noun}, and this model perceives {known}.')
    if len(perceived) == 1:
        return perceived[0]
    raise ConfigError(
        f'{what}: its ending does not say what it is, and this model perceives {known}. Say it: modality={perceived[0]!r}.'
    )


def open_medium(medium: Medium, modality: str, prepare: Callable[[Image.Image], Image.Image]) -> Any:
    """What a transform of the modality takes: a PIL picture, a VideoClip, a Waveform.

    Args:
        medium: of this modality.
        modality: 'image', 'video' or 'audio'.
        prepare: makes a picture in RGBA one in RGB, as the data set of the model does.

    Raises:
        MissingDataError: a file that is not there, or damaged.
        ConfigError: something in memory that is of another modality.
    """
    if modality == 'image':
        return prepare(as_rgba(medium))
    kind = KINDS[modality]
    if isinstance(medium, (str, Path)):
        path = Path(medium).expanduser()
        return _Reasons(modality, path)(lambda: kind.open(path))
    wanted = {'video': VideoClip, 'audio': Waveform}[modality]
    if not isinstance(medium, wanted):
        raise ConfigError(f'A {kind.noun} is a path or a {wanted.__name__}; found {type(medium).__name__}.')
    return medium


def transformed(medium: Medium, modality: str, prepare: Callable, transform: Callable) -> Any:
    """A medium as its encoder takes it; errors as :func:`open_medium`."""
    opened = open_medium(medium, modality, prepare)
    if modality != 'video':
        return transform(opened)
    # a clip is decoded only as its frames are asked for
    return _Reasons(modality, opened.path)(lambda: transform(opened))


def find_media(inputs: list[str]) -> list[Path]:
    """The files that paths, folders and globs stand for; see :func:`~.pictures.find_pictures`."""
    return find_pictures(
        inputs, {ending for endings in ENDINGS.values() for ending in endings}, 'pictures, videos or sounds'
    )


def check_kinds(paths: Iterable[Path], perceived: Sequence[str], modality: str | None = None) -> None:
    """That a model perceives what files hold, as far as their endings tell; see :func:`modality_of`.

    Args:
        paths: of the files.
        perceived: modalities of the model; nothing is checked where they are not known.
        modality: what the user says the files are.
    """
    for path in paths if perceived else ():
        modality_of(path, perceived, modality)


def check_media(paths: Iterable[Path], perceived: Sequence[str] = tuple(KINDS)) -> None:
    """Read every file once.

    Raises:
        MissingDataError: names all that cannot be read.
    """
    paths = list(paths)
    kinds = [KINDS[next((name for name in _possible(path) if name in perceived), 'image')] for path in paths]
    faults = []
    for path, kind in zip(paths, kinds, strict=True):
        try:
            kind.decodes(kind.open(path))
        except kind.unreadable as error:
            faults.append(kind.why(path, error))
    if faults:
        nouns = kinds[0].nouns if len({kind.noun for kind in kinds}) == 1 else 'files'
        lines = ''.join(f'\n  - {fault}' for fault in faults)
        raise MissingDataError(f'{len(faults)} of {len(paths)} {nouns} cannot be read:{lines}')


class _Reasons:
    """Calls what reads a file, and says what is wrong with the file where it fails."""

    def __init__(self, modality: str, path: Path):
        self.kind, self.path = KINDS[modality], path

    def __call__(self, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except self.kind.unreadable as error:
            if isinstance(error, (ConfigError, MissingDataError)):
                raise
            raise MissingDataError(f'The {self.kind.noun} {self.kind.why(self.path, error)}.') from error


def _possible(medium: Medium) -> list[str]:
    """The modalities a medium may be of, the likeliest first; none where nothing tells."""
    if isinstance(medium, (str, Path)):
        ending = Path(medium).suffix.lower()
        return [name for name, endings in ENDINGS.items() if ending in endings]
    return ['video'] if isinstance(medium, VideoClip) else ['audio'] if isinstance(medium, Waveform) else ['image']
