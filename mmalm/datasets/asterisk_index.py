"""The Asterisk prompts on disk: recordings, and the file that says what is spoken in each.

The packages' layout: ``<folders>/<name>.wav``, and elsewhere ``core-sounds-en.txt.gz`` with lines ``<folders>/<name>: text``.
"""

import gzip
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from ..errors import ConfigError, MissingDataError
from .hash_split import split_of_group

TRANSCRIPTS = 'core-sounds-en.txt.gz'
WHAT = "Asterisk's transcripts"
FETCH = 'Fetch them with: python tools/zoo.py fetch asterisk-speech asterisk-transcripts'
# what is heard besides speech, notes to the reader, signs whose name is spoken: '[ascending tones]', '(note: ...)', 'at [@]'
_NOTES = re.compile(r'\[[^]]*\]|\([^)]*\)|<[^>]*>')


@dataclass(frozen=True)
class Prompt:
    """One recording of speech.

    Attributes:
        media: path below the root, the recording's key.
        text: what is said, as printed in the package, without notes.
        words: the same in lower case without signs: what is the same is in one split.
        split: 'train', 'val' or 'test'.
    """

    media: str
    text: str
    words: str
    split: str


def read_prompts(root: Path, transcripts: Path, seed: int) -> list[Prompt]:
    """All recordings in which something is said, sorted by path.

    Lines without a recording are passed over: the package has one.

    Args:
        root: the folder of recordings.
        transcripts: the folder that holds ``core-sounds-en.txt.gz``.
        seed: of the split.

    Raises:
        MissingDataError: a folder, the file, or recordings are not there, or the file is damaged.
        ConfigError: the file is not in UTF-8, or a line has no colon.
    """
    if not root.is_dir():
        raise MissingDataError(f'the recordings are not in {root}. {FETCH}')
    there = {path.relative_to(root).with_suffix('').as_posix() for path in root.rglob('*.wav')}
    found = [
        Prompt(f'{name}.wav', text, words_of(text), split_of_group(words_of(text), seed))
        for name, text in sorted(_read(transcripts / TRANSCRIPTS).items())
        if name in there and words_of(text)
    ]
    if not found:
        raise ConfigError(f'{root} holds none of the recordings that {transcripts / TRANSCRIPTS} names.')
    return found


def spoken(line: str) -> str:
    """What is said, of a line that tells what is heard: without notes, and without dots where a sentence goes on."""
    return ' '.join(_NOTES.sub(' ', line).replace('...', ' ').split()).replace(' .', '.')


def words_of(text: str) -> str:
    """The words of a text in lower case, single blanks between them."""
    return ' '.join(re.findall(r"[^\W_]+(?:'[^\W_]+)*", text.casefold()))


def _read(path: Path) -> dict[str, str]:
    """Texts by name of the recording."""
    try:
        lines = gzip.decompress(path.read_bytes()).decode('utf-8').split('\n')
    except FileNotFoundError as error:
        raise MissingDataError(f'{WHAT}: {path} is not there. {FETCH}') from error
    except (OSError, EOFError, zlib.error) as error:
        raise MissingDataError(f'{WHAT}: {path} is damaged ({error}). {FETCH}') from error
    except UnicodeDecodeError as error:
        raise ConfigError(f'{WHAT}: {path} is not in UTF-8 ({error}).') from error
    found = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith(';'):
            continue
        name, colon, text = line.partition(':')
        if not colon:
            raise ConfigError(f"{WHAT}: {path}, line {number} is not 'name: text': {line[:60]!r}.")
        found[name.strip()] = spoken(text)
    return found
