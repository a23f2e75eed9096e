"""ScienceQA's problems and splits as published."""

from pathlib import Path
from typing import Annotated

import msgspec

from ..errors import ConfigError, closest
from ..metrics.scienceqa_answer import LETTERS
from .json_files import read_json

WHAT = 'ScienceQA'
HINT = (
    'Wanted: problems.json, {id: {"question", "choices", "answer", "hint", "image", "grade", "subject", "split" ...}}, and '
    'pid_splits.json, {split: [id, ...]}, of https://github.com/lupantech/ScienceQA: see docs/data.md.'
)


class Problem(msgspec.Struct, gc=False):
    question: Annotated[str, msgspec.Meta(min_length=1)]
    choices: Annotated[list[str], msgspec.Meta(min_length=2, max_length=len(LETTERS))]
    answer: Annotated[int, msgspec.Meta(ge=0)]
    grade: str
    subject: str
    split: str
    hint: str = ''
    image: str | None = None
    lecture: str = ''
    solution: str = ''
    topic: str = ''


def read_problems(root: Path, split: str) -> dict[str, Problem]:
    """The problems of a split by id, in the order of ``pid_splits.json``.

    Raises:
        MissingDataError: a file is missing or cut off.
        ConfigError: it is of another form, there is no such split, ids have no problem, or an answer is no choice.
    """
    splits = read_json(root / 'pid_splits.json', dict[str, list[str]], WHAT, HINT)
    if split not in splits:
        raise ConfigError(
            f'{WHAT}: {root / "pid_splits.json"} has no split {split!r}. {closest(split, splits)} '
            f'Splits: {", ".join(splits) or "none"}.'
        )
    file = root / 'problems.json'
    problems = read_json(file, dict[str, Problem], WHAT, HINT)
    unknown = [identity for identity in splits[split] if identity not in problems]
    if unknown:
        raise ConfigError(
            f'{WHAT}: {len(unknown):,} of {len(splits[split]):,} ids of {split!r} have no problem in {file}, such as '
            f'{unknown[0]}. Take both files from one release.'
        )
    found = {identity: problems[identity] for identity in splits[split]}
    strange = [identity for identity, problem in found.items() if problem.answer >= len(problem.choices)]
    if strange:
        first = found[strange[0]]
        raise ConfigError(
            f'{WHAT}: {file}: {len(strange):,} problems have an answer that is no choice, such as {strange[0]}: '
            f'number {first.answer} of {len(first.choices)}.\n{HINT}'
        )
    return found
