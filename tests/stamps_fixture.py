"""A miniature of the stamps folder, in the package's own layout on disk."""

from pathlib import Path

import numpy as np
from PIL import Image

# folder: as many stamps
FOLDERS = {
    'animals/birds': 14,
    'animals/fish': 8,
    'animals/mammals/cats': 10,
    'clothes/hats': 9,
    'food/fruit/cartoon': 16,
    'town/flags': 3,
    'vehicles/auto': 11,
}
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="20" height="20" fill="#ff0000"/></svg>'
)


def write_stamps(root: Path) -> Path:
    """Pictures of one colour under alpha, each with its caption, and what the package has besides."""
    for number, (folder, count) in enumerate(FOLDERS.items()):
        for i in range(count):
            write_stamp(
                root, f'{folder}/thing{i}', f'A thing {chr(97 + i)} of {folder}.', (20 * number, 10 * i, 99, 128)
            )
    # a letter, a mirrored twin without a caption, sounds
    write_stamp(root, 'symbols/alphabets/a', 'The letter A.', (0, 0, 0, 255))
    draw(root / 'vehicles/auto/thing0_mirror.png', (0, 0, 0, 255))
    (root / 'animals/birds/thing0_desc_fr.ogg').write_bytes(b'OggS')
    return root


def write_stamp(root: Path, key: str, caption: str, colour: tuple[int, int, int, int]) -> Path:
    """A stamp: the picture, and its text with the caption in English and two other languages."""
    path = root / f'{key}.png'
    path.parent.mkdir(parents=True, exist_ok=True)
    draw(path, colour)
    path.with_suffix('.txt').write_text(f'{caption}\nfr.utf8=Une légende.\nde.utf8=Ein Titel.\n', encoding='utf-8')
    return path


def draw(path: Path, colour: tuple[int, int, int, int]) -> None:
    Image.fromarray(np.full((6, 4, 4), colour, dtype=np.uint8)).save(path)
