import itertools
from collections import Counter, defaultdict

import pytest

from mmalm.datasets.asterisk_index import Prompt, words_of
from mmalm.datasets.asterisk_questions import KEYWORDS, questions

TEXTS = [f'{a} {b} {c}.' for a, b in itertools.combinations(KEYWORDS[:9], 2) for c in ('one', 'two messages')]
PROMPTS = [Prompt(f'{n}.wav', text, words_of(text), 'train') for n, text in enumerate(TEXTS)]
SAID = {prompt.media: prompt.words for prompt in PROMPTS}


@pytest.mark.parametrize('task', ['word', 'sentence'])
def test_whoever_does_not_listen_is_right_once_in_four(task):
    rows = questions(PROMPTS, task, 0)
    by_set = defaultdict(list)
    for row in rows:
        assert len(row.candidates) == 4 and row.answers[0] in row.candidates
        by_set[row.question, row.candidates].append(row)
    # whatever is chosen of four candidates, it is right as often as each other one
    for group in by_set.values():
        assert set(Counter(row.answers[0] for row in group).values()) == {len(group) // 4}
        assert len({row.answers[0] for row in group}) == 4
    assert len(rows) > 0.5 * len(PROMPTS)


def test_only_one_of_the_four_words_is_said():
    for row in questions(PROMPTS, 'word', 0):
        assert [word for word in row.candidates if word in SAID[row.media]] == list(row.answers)
        assert row.question == f'Which of these words is said: {", ".join(row.candidates)}?'


def test_sentences_of_a_four_are_of_a_length():
    for row in questions(PROMPTS, 'sentence', 0):
        lengths = [len(text.split()) for text in row.candidates]
        assert max(lengths) - min(lengths) <= 1


def test_a_word_of_which_another_begins_counts_as_said():
    texts = ['press one', 'messages', 'call', 'message', 'volume']
    prompts = [Prompt(f'{n}.wav', text, text, 'train') for n, text in enumerate(texts)]
    rows = questions(prompts, 'word', 0)
    assert len(rows) == 4 and {row.answers[0] for row in rows} == {'press', 'call', 'message', 'volume'}
    assert all(row.media != '1.wav' for row in rows)


def test_what_is_said_is_open():
    rows = questions(PROMPTS, 'transcript', 0)
    assert [row.answers[0] for row in rows] == TEXTS and {row.candidates for row in rows} == {()}
