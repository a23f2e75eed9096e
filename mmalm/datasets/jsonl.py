"""A user's own data: one JSON object a line."""

from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from ..errors import MissingDataError, closest
from ..registry import DATASETS
from .handing_on import SHARED, hands_on
from .json_files import paths, read_json_lines, refuse_lines
from .jsonl_shrink import made_up_answers, write_jsonl
from .labels import write_closed_sets
from .media.presence import absent
from .rows import Row, RowsDataset

WHAT = 'JSONL data'
HINT = (
    'Wanted is one object a line, such as '
    '{"media": "pictures/1.jpg", "question": "What is this?", "answers": ["a dog"]}: see docs/data.md.'
)


class Line(msgspec.Struct, forbid_unknown_fields=True):
    media: str
    answers: str | list[str] | None = None
    question: str = ''
    weights: list[Annotated[float, msgspec.Meta(ge=0)]] | None = None
    candidates: list[str] = []
    id: str | int | None = None
    task: str | None = None


@DATASETS.register_module()
class JsonlDataset(RowsDataset):
    """Questions about files, or captions of them, from lines of JSON; see docs/data.md.

    A line has 'media', the file below ``root``; 'answers', a text or a list of them; and may have 'question' (nothing is asked
    where it is missing: the answers are captions), 'weights' (how right each answer is), 'candidates' (the closed set to choose
    from), 'id' (the file's name and the line's number unless told) and 'task' ('vqa' or 'caption' unless told).

    Args:
        split: name of the file, ``<root>/<split>.jsonl``; one with 'test' in it is for ``tools/test.py`` alone.
        root: the folder below which the media lie.
        file: the file elsewhere, or a list of files.
        modality: what the media are.
        answered: False: lines may lack answers; they can be predicted, not trained on.
        answer: 'sampled': each visit draws one of the answers; 'first': always the first. Unless told, sampled where the split's
            name has 'train' in it, except for held-out media.
        vocabulary: the file of the answers a classifier has (``tools/build_vocabulary.py``). Lines that it cannot answer are left
            out of what is trained on, and kept, as wrong, where a model is judged.
        each_answer: one sample for each answer instead of one for the line.
        preprocessing, transform, fold, limit, limit_of, seed, shuffle_media, check_media, unreadable: see
            :class:`~.rows.RowsDataset`.

    Raises:
        ConfigError: lines that are not as above, each with its number; two lines with one id, or with one question about one file.
        MissingDataError: the file, or files that it names, are not there.
    """

    caption_question = ''  # lines without a question are captions

    @hands_on(RowsDataset.__init__, 'each_answer', 'limit_of', *SHARED)
    def __init__(
        self,
        split: str = 'train',
        root: str | Path = 'data/mine',
        file: str | Path | Sequence[str | Path] | None = None,
        modality: Literal['image', 'video', 'audio'] = 'image',
        answered: bool = True,
        answer: Literal['sampled', 'first'] | None = None,
        vocabulary: str | Path | None = None,
        **shared: Any,
    ):
        root = Path(root).expanduser()
        rows: list[Row] = []
        for path in paths(file, 'file') or [root / f'{split}.jsonl']:
            rows += _read(path, root if shared['check_media'] and shared['unreadable'] == 'stop' else None, answered)
        trains = 'train' in split and shared['fold'] != 'held_out'
        super().__init__(
            rows,
            root,
            modality=modality,
            answer=answer or ('sampled' if trains else 'first'),
            vocabulary=vocabulary,
            outside='leave_out' if trains else 'keep',
            **shared,
        )
        self.split = split
        self.say_notes(split)

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict[str, Any]:
        """The same data set of a few made-up files, questions and captions, written below ``folder``."""
        root = Path(folder) / 'jsonl'
        named = {name: value for name, value in arguments.items() if name != 'file'}
        split = named.get('split', 'train')
        write_jsonl(root, split, named.get('modality', 'image'), answered=named.get('answered', True))
        write_closed_sets(named, root, made_up_answers())
        return {**named, 'root': str(root)}


def _read(path: Path, root: Path | None, answered: bool) -> list[Row]:
    """The rows of a file; media are looked for below ``root`` unless it is None."""
    lines = read_json_lines(path, Line, WHAT, HINT)
    faults, first = [], {}
    for number, line in lines:
        fault = _fault(line, answered)
        named = None if line.id is None else str(line.id)
        for what, key in (('id', named), ('question about the same file', (line.media, line.question))):
            if fault is None and key is not None and first.setdefault((what, key), number) != number:
                fault = f'the {what} of line {first[what, key]}. Put all answers into one line'
        if fault:
            faults.append((number, fault))
    refuse_lines(path, faults, WHAT, HINT)
    if root is not None:
        _refuse_missing(path, root, lines)
    return [_row(path, number, line) for number, line in lines]


def _tidy(texts: str | Sequence[str]) -> tuple[str, ...]:
    """Texts with single blanks."""
    return tuple(' '.join(text.split()) for text in ([texts] if isinstance(texts, str) else texts))


def _fault(line: Line, answered: bool) -> str | None:
    answers, candidates = None if line.answers is None else _tidy(line.answers), _tidy(line.candidates)
    if not line.media.strip():
        return '"media" is empty'
    if answers is None:
        return 'field "answers" is missing. Where answers are not known, say answered=False' if answered else None
    if not all(answers) or not answers:
        return f'empty answers: {line.answers!r}'
    if len(set(answers)) < len(answers) and line.weights is not None:
        return f'the same answer twice, with weights: {line.answers!r}'
    if line.weights is not None and len(line.weights) != len(answers):
        return f'{len(line.weights)} weights for {len(answers)} answers'
    if line.weights is not None and not any(line.weights):
        return f'no answer is right: all weights are 0 of {line.answers!r}'
    twice = [candidate for candidate, count in Counter(candidates).items() if count > 1]
    if twice:
        return f'the candidate {twice[0]!r} occurs twice'
    strange = [answer for answer in answers if answer not in candidates]
    if candidates and strange:
        return f'the answer {strange[0]!r} is not among the candidates. {closest(strange[0], candidates)}'.rstrip()
    return None


def _refuse_missing(path: Path, root: Path, lines: Sequence[tuple[int, Line]]) -> None:
    missing, there = absent(root, list(dict.fromkeys(line.media for _, line in lines)), folders=False)
    missing = set(missing)
    faults = [(number, _absence(root, line.media, there)) for number, line in lines if line.media in missing]
    refuse_lines(path, faults, WHAT, 'Media are paths below the folder given as root=.', MissingDataError)


def _absence(root: Path, media: str, there: Collection[str]) -> str:
    if (root / media).is_dir():
        return f'{media} is a folder in {root}, not a file'
    return f'{media} is not in {root}. {closest(media, there, 1)}'.rstrip()


def _row(path: Path, number: int, line: Line) -> Row:
    return Row(
        id=f'{path.stem}:{number}' if line.id is None else str(line.id),
        media=line.media,
        task=line.task or ('vqa' if line.question.strip() else 'caption'),
        question=line.question,
        answers=_tidy(line.answers or ()),
        weights=None if line.weights is None else tuple(line.weights),
        candidates=_tidy(line.candidates),
    )
