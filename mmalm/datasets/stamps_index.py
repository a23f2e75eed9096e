"""The Tux Paint stamps on disk: which pictures are usable, their captions and categories, and the split.

The package's layout: ``<folders>/<name>.png`` or ``.svg`` beside ``<name>.txt``, whose first line is the English caption.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from ..errors import ConfigError, MissingDataError, closest

SPLITS = ('train', 'val', 'test')
# upper ends of each split's share
SHARES = (0.65, 0.80, 1.0)
# pictures of letters, digits and coins
UNUSED = ('symbols',)
# the first matching folder decides; folders that are not here (flags, medicine, sports, ...) have no category of their own
CATEGORIES = (
    ('town/roadsigns', 'sign'),
    ('town/houses', 'building'),
    ('town/monuments', 'building'),
    ('town/cartoon', 'building'),
    ('military/vehicles', 'vehicle'),
    ('vehicles', 'vehicle'),
    ('animals', 'animal'),
    ('food', 'food'),
    ('plants', 'plant'),
    ('clothes', 'clothes'),
    ('household', 'household item'),
    ('seasonal', 'holiday decoration'),
    ('space', 'space object'),
    ('people', 'person'),
)
ANIMALS = (
    ('animals/amphibians', 'amphibian'),
    ('animals/birds', 'bird'),
    ('animals/dinosaur', 'reptile'),
    ('animals/fish', 'fish'),
    ('animals/insects', 'insect'),
    ('animals/lizards', 'reptile'),
    ('animals/mammals', 'mammal'),
    ('animals/marsupials', 'mammal'),
    ('animals/shellfish', 'shellfish'),
)


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
        MissingDataError: the folder is not there.
        ConfigError: the folder holds no stamps.
    """
    if not root.is_dir():
        raise MissingDataError(f'the stamps are not in {root}. Fetch them with: python tools/zoo.py fetch tuxpaint-stamps')
    stamps = []
    for text in sorted(root.rglob('*.txt')):
        folder = text.parent.relative_to(root).as_posix()
        picture = next((p for ending in ('.png', '.svg') if (p := text.with_suffix(ending)).exists()), None)
        caption = _first_line(text)
        if picture is None or not caption or folder.split('/')[0] in UNUSED:
            continue
        media = picture.relative_to(root).as_posix()
        stamps.append(
            Stamp(media, caption, _match(folder, CATEGORIES), _match(folder, ANIMALS), split_of(caption, seed))
        )
    if not stamps:
        raise ConfigError(
            f'{root} holds no captioned pictures; it should be the stamps folder itself, with animals/, food/, town/ below it.'
        )
    return stamps


def split_of(caption: str, seed: int) -> str:
    """The split of everything captioned so: a hash decides, so that equal captions are never on both sides."""
    words = re.sub(r'[\W\d_]+', ' ', caption.casefold()).strip()
    digest = hashlib.sha256(f'{seed}:{words}'.encode()).digest()
    share = int.from_bytes(digest[:8], 'big') / 2**64
    return next(split for split, end in zip(SPLITS, SHARES, strict=True) if share < end)


def check_choice(what: str, name: str, names: tuple[str, ...]) -> None:
    """Raise a ConfigError with the closest names unless ``name`` is one of ``names``."""
    if name not in names:
        raise ConfigError(
            f'StampsDataset: unknown {what} {name!r}. {closest(name, names)} Choose from {", ".join(names)}.'
        )


def _match(folder: str, table: tuple[tuple[str, str], ...]) -> str | None:
    return next((name for path, name in table if folder == path or folder.startswith(path + '/')), None)


def _first_line(text: Path) -> str:
    with open(text, encoding='utf-8', errors='replace') as file:
        return file.readline().strip()
