"""Stamps made up on the spot, in the package's own layout on disk: for dry runs and tests."""

import itertools
from pathlib import Path

import numpy as np
from PIL import Image

from .stamps_split import SPLITS, split_of

FOLDERS = (
    'animals/birds',
    'animals/fish',
    'vehicles/cars',
    'food/fruit',
    'animals/mammals/cats',
    'clothes/hats',
    'plants/trees',
    'household/tools',
)
CONSONANTS, VOWELS = 'bdfgklmnprst', 'aeiou'
SIZE = (32, 36)  # height and width in pixels


def write_synthetic_stamps(root: Path, seed: int, a_split: int = 8) -> None:
    """So many captioned pictures in every split, of all kinds of questions.

    Args:
        root: the folder of stamps, made where it is not there.
        seed: of the data set's split.
        a_split: pictures in each of train, val and test.
    """
    left = {split: list(itertools.islice(itertools.cycle(FOLDERS), a_split)) for split in SPLITS}
    generator = np.random.default_rng(seed)
    for letters in itertools.product(CONSONANTS, VOWELS, CONSONANTS, VOWELS):
        word = ''.join(letters)
        folders = left[split_of(word, f'A {word}.', seed)]
        if folders:
            write_stamp(root, f'{folders.pop(0)}/{word}', f'A {word}.', tuple(generator.integers(0, 256, 4)), SIZE)
        if not any(left.values()):
            return


def write_stamp(
    root: Path, key: str, caption: str, colour: tuple[int, int, int, int], size: tuple[int, int] = (6, 4)
) -> Path:
    """A stamp: the picture, and its text with the caption in English and two other languages; gives the picture's file.

    Args:
        root: the folder of stamps.
        key: path below it, without ending.
        caption: in English.
        colour: RGBA of all pixels.
        size: height and width in pixels.
    """
    path = root / f'{key}.png'
    path.parent.mkdir(parents=True, exist_ok=True)
    draw(path, colour, size)
    path.with_suffix('.txt').write_text(f'{caption}\nfr.utf8=Une légende.\nde.utf8=Ein Titel.\n', encoding='utf-8')
    return path


def draw(path: Path, colour: tuple[int, int, int, int], size: tuple[int, int] = (6, 4)) -> None:
    """A picture of one colour as a PNG file."""
    Image.fromarray(np.full((*size, 4), colour, dtype=np.uint8)).save(path)
