"""The Tux Paint stamps on disk: which pictures are usable, their captions and categories.

The package's layout: ``<folders>/<name>.png`` or ``.svg`` beside ``<name>.txt``, whose first line is the English caption.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from ..errors import ConfigError, MissingDataError
from ..zoo.store import MANIFEST
from .stamps_categories import ANIMALS, CATEGORIES, match
from .stamps_split import split_of

# pictures of letters, digits and coins
UNUSED = ('symbols',)
# nothing is left of it on white
INVISIBLE = ('naturalforces/lightningbolt.png',)
ENDINGS = ('.png', '.svg')


@dataclass(frozen=True)
class Stamp:
    """One usable picture.

    Attributes:
        media: path below the root, the picture's key.
        caption: as printed in the package.
        category: what kind of thing, or ``None``.
        animal: which kind of animal, or ``None``.
        split: 'train', 'val' or 'test'.
    """

    media: str
    caption: str
    category: str | None
    animal: str | None
    split: str


def read_stamps(root: Path, seed: int) -> list[Stamp]:
    """All usable stamps, sorted by path.

    Usable: a PNG or SVG picture (the PNG where there are both) with a caption of its own, outside the folder of symbols.
    Mirrored twins carry no caption and so are left out.

    Args:
        root: the package's folder of stamps.
        seed: of the split.

    Raises:
        MissingDataError: the folder is not there, or has lost pictures or captions since it was fetched.
        ConfigError: the folder is another one, or holds no stamps.
    """
    if not root.is_dir():
        raise MissingDataError(
            f'the stamps are not in {root}. Fetch them with: python tools/zoo.py fetch tuxpaint-stamps'
        )
    _check_layout(root)
    _check_complete(root)
    stamps = []
    for text in sorted(root.rglob('*.txt')):
        folder = text.parent.relative_to(root).as_posix()
        picture = next((p for ending in ENDINGS if (p := text.with_suffix(ending)).exists()), None)
        caption = _first_line(text)
        if picture is None or not caption or folder.split('/')[0] in UNUSED:
            continue
        media = picture.relative_to(root).as_posix()
        if media in INVISIBLE:
            continue
        split = split_of(media, caption, seed)
        stamps.append(Stamp(media, caption, match(folder, CATEGORIES), match(folder, ANIMALS), split))
    if not stamps:
        raise ConfigError(f'{root} holds no captioned pictures: no .png or .svg beside a .txt.')
    return stamps


def _check_layout(root: Path) -> None:
    folders = sorted({path.split('/')[0] for path, _ in CATEGORIES})
    if any((root / folder).is_dir() for folder in folders):
        return
    found = sorted(path.name for path in root.iterdir() if path.is_dir())
    below = next((path for path in (root / 'stamps', *root.glob('*/*/*/stamps')) if (path / 'animals').is_dir()), None)
    hint = f'Did you mean {str(below)!r}?' if below else f'Found {", ".join(found[:8]) or "no folders"}.'
    raise ConfigError(f'{root} is not the stamps folder, which has {"/, ".join(folders)}/ below it. {hint}')


def _check_complete(root: Path) -> None:
    """A stamp that is gone would change splits' sizes and scores without a word."""
    try:
        files = json.loads((root / MANIFEST).read_text(encoding='utf-8'))['files']
    except (FileNotFoundError, ValueError):
        return  # not fetched by the zoo, so nobody knows what belongs to it
    lost = [name for name in files if name.endswith((*ENDINGS, '.txt')) and not (root / name).exists()]
    if lost:
        more = f' and {len(lost) - 1:,} more' if len(lost) > 1 else ''
        raise MissingDataError(
            f'the stamps in {root} are not complete, missing: {lost[0]}{more}.\n'
            'Bring back what is gone with: python tools/zoo.py fetch tuxpaint-stamps'
        )


def _first_line(text: Path) -> str:
    with open(text, encoding='utf-8-sig', errors='replace') as file:
        return file.readline().strip()
