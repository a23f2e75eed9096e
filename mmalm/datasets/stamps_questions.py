"""Questions and answers about the Tux Paint stamps."""

import re
from collections.abc import Callable, Sequence

from .seeded import hash_order
from .stamps_categories import ANIMAL_KINDS, KINDS
from .stamps_index import Stamp

YES_NO = ['no', 'yes']
# how a category reads in a yes/no question, where not 'a <category>'
WITH_ARTICLE = {'animal': 'an animal', 'clothes': 'something to wear', 'food': 'food'}
LONGEST_NAME = 5


def questions(stamps: Sequence[Stamp], task: str, seed: int) -> list[dict]:
    """One question a picture, where the task applies to it: id, media, task, question, answer, answers.

    ``stamps`` are those of one split: yes/no questions are balanced within it.
    """
    return _TASKS[task](stamps, seed)


def _closed(task: str, question: str, kinds: list[str], answer: Callable[[Stamp], str | None]) -> Callable:
    def make(stamps: Sequence[Stamp], seed: int) -> list[dict]:
        return [_sample(s, task, question, found, kinds) for s in stamps if (found := answer(s)) is not None]

    return make


def _yes_no(stamps: Sequence[Stamp], seed: int) -> list[dict]:
    """As many yes as no, and each thing as often with yes as with no: the question alone tells nothing.

    Pictures come in pairs of different categories and both are asked about the first one's, so one of an odd number,
    and what one category has beyond half of all, are left out.
    """
    left = {s.media: s for s in stamps if s.category is not None}
    members: dict[str, list[str]] = {}
    for media in hash_order(list(left), f'{seed}:yesno'):
        members.setdefault(left[media].category, []).append(media)
    asked: dict[str, tuple[str, str]] = {}
    while sum(map(bool, members.values())) > 1:
        # a picture of the fullest category meets any other: so that as many as possible find a partner
        fullest = max(sorted(members), key=lambda kind: len(members[kind]))
        first = members[fullest].pop()
        others = [media for kind in sorted(members) if kind != fullest for media in members[kind]]
        second = hash_order(others, f'{seed}:{first}')[0]
        members[left[second].category].remove(second)
        # either of the two may be the one that is what it is asked to be
        yes, no = hash_order([first, second], f'{seed}:which')
        asked[yes], asked[no] = (left[yes].category, 'yes'), (left[yes].category, 'no')
    return [
        _sample(s, 'yesno', _is_this(asked[s.media][0]), asked[s.media][1], YES_NO) for s in stamps if s.media in asked
    ]


def _is_this(kind: str) -> str:
    return f'Is this {WITH_ARTICLE.get(kind, f"a {kind}")}?'


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
    'caption': _closed('caption', 'Describe the picture.', [], lambda s: s.caption),
}
TASKS = tuple(_TASKS)
OPEN = ('name', 'caption')  # without a closed set of answers
