"""Lines of JSON about made-up media: for dry runs."""

from pathlib import Path

from ..atomic import write_text
from .json_files import encode_lines
from .media.synthetic import ENDINGS, write_media

KINDS = ('cat', 'dog')


def made_up_answers() -> list[str]:
    """All answers of such a file."""
    return [*KINDS, *(caption for kind in KINDS for caption in _captions(kind))]


def write_jsonl(root: Path, split: str, modality: str, answered: bool = True, count: int = 4) -> Path:
    """``<root>/<split>.jsonl`` with a question and a caption for each of ``count`` files; gives its path."""
    lines = []
    for number in range(count):
        media = f'media/{split}_{number}{ENDINGS[modality]}'
        write_media(root / media, modality, number)
        kind = KINDS[number % len(KINDS)]
        question = {'question': 'What is this?', 'answers': [kind], 'candidates': list(KINDS)}
        for content in (question, {'answers': _captions(kind)}):
            lines.append({'media': media, **{k: v for k, v in content.items() if answered or k != 'answers'}})
    file = root / f'{split}.jsonl'
    write_text(file, encode_lines(lines))
    return file


def _captions(kind: str) -> list[str]:
    return [f'a {kind}', f'one {kind}']
