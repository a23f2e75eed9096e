"""Answers as the VQA evaluation compares them.

The rules and their order are those of the official script (GT-Vision-Lab/VQA, PythonEvaluationTools/vqaEvaluation/vqaEval.py), its
oddities included: a score is comparable only with the same rules.
"""

import re
from functools import lru_cache

MARKS = tuple(';/[]"{}()=+\\_-><@`,?!')
ARTICLES = ('a', 'an', 'the')
NUMBERS = {
    name: str(number)
    for number, name in enumerate(
        ('zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten')
    )
} | {'none': '0'}

# each is found with any one of its apostrophes left out
_CONTRACTED = """
ain't aren't can't could've couldn't couldn't've didn't doesn't don't hadn't hadn't've hasn't haven't he'd he'd've he's how'd
how'll how's isn't it'd it'd've it'll ma'am mightn't mightn't've might've mustn't must've needn't not've o'clock oughtn't
'ow's'at shan't she'd've should've shouldn't shouldn't've somebody'd've somebody'll somebody's someone'd someone'd've
someone'll someone's something'd something'd've something'll that's there'd there'd've there're there's they'd they'd've
they'll they're they've 'twas wasn't we'd've we've weren't what'll what're what's what've when's where'd where's where've
who'd who'd've who'll who's who've why'll why're why's won't would've wouldn't wouldn't've y'all y'all'll y'all'd've you'd
you'd've you'll you're you've
"""
CONTRACTIONS = {
    word[:place] + word[place + 1 :]: word
    for word in _CONTRACTED.split()
    for place, character in enumerate(word)
    if character == "'"
} | {"somebody'd": 'somebodyd'}  # the other way round in the script, and so here

_COMMA_IN_NUMBER = re.compile(r'\d,\d')
_PERIOD = re.compile(r'\.(?!\d)')
# the script hands a flag of this value to an argument that counts replacements
_MOST_PERIODS = int(re.UNICODE)


def tidy(answer: str) -> str:
    """An answer on one line, without blanks at its ends."""
    return answer.replace('\n', ' ').replace('\t', ' ').strip()


def without_punctuation(answer: str) -> str:
    """An answer without punctuation and without periods that no digit follows.

    A mark becomes a blank; where the answer has it beside a blank, or has a comma between digits anywhere, it vanishes. Apostrophes
    and colons stay.
    """
    number = _COMMA_IN_NUMBER.search(answer) is not None
    kept = answer
    for mark in MARKS:
        if mark in answer:
            beside_blank = f'{mark} ' in answer or f' {mark}' in answer
            kept = kept.replace(mark, '' if number or beside_blank else ' ')
    return _PERIOD.sub('', kept, count=_MOST_PERIODS)


def plain_words(answer: str) -> str:
    """An answer in lower case, number words as digits, without articles, contractions with their apostrophe."""
    digits = (NUMBERS.get(word, word) for word in answer.lower().split())
    return ' '.join(CONTRACTIONS.get(word, word) for word in digits if word not in ARTICLES)


@lru_cache(maxsize=1 << 18)
def normalise(answer: str) -> str:
    """An answer after all rules: :func:`tidy`, :func:`without_punctuation`, :func:`plain_words`."""
    return plain_words(without_punctuation(tidy(answer)))
