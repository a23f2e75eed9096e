"""Prompts made up on the spot, in the packages' own layout on disk: for dry runs and tests."""

import gzip
import itertools
from collections import Counter
from pathlib import Path

from .asterisk_index import TRANSCRIPTS
from .asterisk_questions import KEYWORDS
from .hash_split import SPLITS, split_of_group
from .media.synthetic import write_media

NUMBERS = ('one', 'two', 'three', 'four', 'five', 'six')


def write_synthetic_prompts(root: Path, seed: int, a_split: int = 8) -> None:
    """So many recordings in every split, each with a keyword, and their transcripts, all in one folder.

    Args:
        root: the folder, made where it is not there.
        seed: of the data set's split.
        a_split: recordings in each of train, val and test.
    """
    counts, lines = Counter(), ['; Made up', '']
    for number, (first, second, word) in enumerate(itertools.product(NUMBERS, NUMBERS, KEYWORDS)):
        split = split_of_group(f'{word} {first} {second}', seed)
        if counts[split] < a_split:
            counts[split] += 1
            name = f'digits/{number}'
            write_media(root / f'{name}.wav', 'audio', number)
            lines.append(f'{name}: {word.capitalize()} {first} {second}.')
        if len(counts) == len(SPLITS) and min(counts.values()) == a_split:
            break
    (root / TRANSCRIPTS).write_bytes(gzip.compress('\n'.join(lines).encode(), mtime=0))
