"""Penn Treebank tokenisation of captions without Java, as the COCO caption evaluation has it."""

from functools import lru_cache

import regex

from .ptb_rules import rules

# what the evaluation leaves out; a closing bracket in lower case is none of them, and stays
PUNCTUATION = frozenset(("''", "'", '``', '`', '.', '?', '!', ',', ':', '-', '--', '...', ';'))
_LINE_BREAKS = regex.compile(r'[\r\n\u2028\u2029\u000b\u000c\u0085]')
_BEYOND = regex.compile(r'[^\u0000-\uffff]')
# by far the most words of captions: only the class of words takes them, so that the others need not be tried
_PLAIN = regex.compile(r'(?!(?:cannot|gonna|gotta|lemme|gimme|wanna)[ \n])[a-z]{2,}(?=[ \n])', regex.IGNORECASE)


@lru_cache(maxsize=1 << 18)
def tokenise(caption: str) -> str:
    """The words of a caption in lower case, one blank between them, without punctuation.

    >>> tokenise("The dog's well-known trick, isn't it?")
    "the dog 's well-known trick is n't it"
    """
    text = _BEYOND.sub('\uffff', _LINE_BREAKS.sub(' ', caption))
    return ' '.join(token for token in tokens(text) if token not in PUNCTUATION)


def tokens(text: str) -> list[str]:
    """All tokens of one line in lower case, punctuation too."""
    found = []
    text, place = text + '\n', 0
    end = len(text) - 1
    while place < end:
        token, place = _next(text, place)
        if token:
            found.append(token.lower())
    return found


def _next(text: str, place: int) -> tuple[str, int]:
    plain = _PLAIN.match(text, place)
    if plain is not None:
        return plain.group(), plain.end()
    longest, winner, won = -1, None, None
    for rule in rules():
        match = rule.pattern.match(text, place)
        if match is not None and match.end() > longest:
            longest, winner, won = match.end(), rule, match
    stop = won.end('token') if 'token' in winner.pattern.groupindex else won.end()
    stop -= winner.given_back
    return winner.rewrite(text[place:stop]), stop
