"""Questions about the Asterisk prompts.

Closed sets come in fours: four recordings share four candidates, each the right one for one of them. So whoever does not listen
is right once in four.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from .asterisk_index import Prompt
from .row_table import Row
from .seeded import hash_order

# words of content that are said in several of the prompts
KEYWORDS = (
    *('again', 'agent', 'audio', 'call', 'conference', 'currently', 'enter', 'extension', 'followed', 'key', 'leader'),
    *('message', 'number', 'participants', 'password', 'please', 'pound', 'press', 'sorry', 'try', 'volume'),
)
FOUR = 4
CAPTION = 'What is said?'


def questions(prompts: Sequence[Prompt], task: str, seed: int) -> list[Row]:
    """The rows of a task about the prompts of one split."""
    return _TASKS[task](prompts, seed)


def _word(prompts: Sequence[Prompt], seed: int) -> list[Row]:
    """Which of four words is said: each is said in one of four recordings, and in no other of them."""
    tokens = {prompt.media: prompt.words.split() for prompt in prompts}
    pairs = {f'{word}/{media}': (word, media) for media, said in tokens.items() for word in KEYWORDS if word in said}

    def fits(key: str, chosen: list[str]) -> bool:
        word, media = pairs[key]
        return all(
            media != other and not _holds(tokens[media], theirs) and not _holds(tokens[other], word)
            for theirs, other in (pairs[name] for name in chosen)
        )

    rows = []
    for four in _fours(hash_order(list(pairs), f'{seed}:word'), lambda key: pairs[key][0], fits):
        words = tuple(sorted(pairs[key][0] for key in four))
        question = f'Which of these words is said: {", ".join(words)}?'
        rows += [
            Row(f'word/{media}/{word}', media, 'word', question, (word,), None, words)
            for word, media in (pairs[key] for key in four)
        ]
    return rows


def _fours(
    ordered: Sequence[str], kind: Callable[[str], str], fits: Callable[[str, list[str]], bool]
) -> Iterator[list[str]]:
    """Fours of names that fit each other; what finds no three others is left out."""
    left = dict.fromkeys(ordered)
    counts = Counter(map(kind, ordered))
    while len(left) >= FOUR:
        # kinds of which most are left come first, so that as many as possible find others
        by_kind = sorted(left, key=lambda name: -counts[kind(name)])
        chosen = [by_kind[0]]
        for name in by_kind[1:]:
            if len(chosen) < FOUR and fits(name, chosen):
                chosen.append(name)
        if len(chosen) == FOUR:
            yield chosen
        for name in chosen if len(chosen) == FOUR else chosen[:1]:
            del left[name]
            counts[kind(name)] -= 1


def _holds(said: Sequence[str], word: str) -> bool:
    """Whether a word is said, or begins one that is: 'message' is heard in 'messages'."""
    return any(other.startswith(word) for other in said)


def _sentence(prompts: Sequence[Prompt], seed: int) -> list[Row]:
    """What is said, of four texts that are as long as each other, or nearly."""
    by_words = {prompt.words: prompt for prompt in prompts}
    ordered = sorted(hash_order(list(by_words), f'{seed}:sentence'), key=lambda words: len(words.split()))
    rows = []
    for start in range(0, len(ordered) - FOUR + 1, FOUR):
        four = [by_words[words] for words in ordered[start : start + FOUR]]
        texts = tuple(sorted(prompt.text for prompt in four))
        rows += [Row(f'sentence/{p.media}', p.media, 'sentence', CAPTION, (p.text,), None, texts) for p in four]
    return rows


def _transcript(prompts: Sequence[Prompt], seed: int) -> list[Row]:
    return [Row(f'transcript/{p.media}', p.media, 'transcript', CAPTION, (p.text,)) for p in prompts]


_TASKS: dict[str, Callable[[Sequence[Prompt], int], list[Row]]] = {
    'word': _word,
    'sentence': _sentence,
    'transcript': _transcript,
}
TASKS = tuple(_TASKS)
OPEN = ('transcript',)  # without a closed set of answers
