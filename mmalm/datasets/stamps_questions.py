"""Questions and answers about the Tux Paint stamps."""

import random
import re
from collections.abc import Callable, Sequence

from .stamps_index import ANIMALS, CATEGORIES, Stamp

KINDS = sorted({name for _, name in CATEGORIES})
ANIMAL_KINDS = sorted({name for _, name in ANIMALS})
YES_NO = ['no', 'yes']
# how a category reads in a yes/no question, where not 'a <category>'
WITH_ARTICLE = {'animal': 'an animal', 'clothes': 'something to wear', 'food': 'food'}
LONGEST_NAME = 5


def questions(stamps: Sequence[Stamp], task: str, seed: int) -> list[dict]:
    """One question a picture, where the task applies to it: media, task, question, answer, answers.

    ``stamps`` are those of one split: yes/no questions are balanced within it.
    """
    return _TASKS[task](stamps, seed)


def _closed(task: str, question: str, kinds: list[str], answer: Callable[[Stamp], str | None]) -> Callable:
    def make(stamps: Sequence[Stamp], seed: int) -> list[dict]:
        return [_sample(s, task, question, found, kinds) for s in stamps if (found := answer(s)) is not None]

    return make


def _yes_no(stamps: Sequence[Stamp], seed: int) -> list[dict]:
    asked = [s for s in stamps if s.category is not None]
    rng = random.Random(f'{seed}:yesno')
    order = list(range(len(asked)))
    rng.shuffle(order)
    samples: dict[int, dict] = {}
    for turn, i in enumerate(order):
        stamp, answer = asked[i], YES_NO[(turn + 1) % 2]
        kind = stamp.category
        if answer == 'no':
            # drawn as often as it is true of other pictures, so that the question alone tells nothing
            kind = rng.choice([s.category for s in asked if s.category != stamp.category] or KINDS)
        thing = WITH_ARTICLE.get(kind, f'a {kind}')
        samples[i] = _sample(stamp, 'yesno', f'Is this {thing}?', answer, YES_NO)
    return [samples[i] for i in sorted(samples)]


def short_name(caption: str) -> str | None:
    """What a caption names: 'A great blue heron.' is a great blue heron; ``None`` where it says more than a name."""
    match = re.fullmatch(r'(?:an?|the) ([^.!?,;:]+)[.!]?', caption.strip(), flags=re.IGNORECASE)
    name = match.group(1).strip().lower() if match else ''
    return name if 0 < len(name.split()) <= LONGEST_NAME else None


def _sample(stamp: Stamp, task: str, question: str, answer: str, answers: list[str]) -> dict:
    return {
        'id': f'{task}/{stamp.media}',
        'media': stamp.media,
        'task': task,
        'question': question,
        'answer': answer,
        'answers': answers,
    }


_TASKS: dict[str, Callable[[Sequence[Stamp], int], list[dict]]] = {
    'kind': _closed('kind', 'What kind of thing is this?', KINDS, lambda s: s.category),
    'animal': _closed('animal', 'Which kind of animal is this?', ANIMAL_KINDS, lambda s: s.animal),
    'name': _closed('name', 'What is this?', [], lambda s: short_name(s.caption)),
    'yesno': _yes_no,
    'caption': _closed('caption', 'What does the picture show?', [], lambda s: s.caption),
}
TASKS = tuple(_TASKS)
