"""Values as they are written on a command line: numbers, texts, lists and tuples."""

import ast
from typing import Any

from .errors import ConfigError

# what a command line calls them; Python's own spellings are literals already
WORDS = {'true': True, 'false': False, 'none': None, 'null': None}
BRACKETS = {'(': ')', '[': ']', '{': '}'}


def split_values(text: str, whole: str, syntax: str) -> list[str]:
    """Split at the commas outside of brackets and quotes.

    Args:
        text: the values.
        whole: the option they stand in, for messages.
        syntax: how such an option is written, for messages.

    Raises:
        ConfigError: a bracket or quote left open, or closed twice.
    """
    parts, open_brackets, quote, start = [], [], '', 0
    for i, character in enumerate(text):
        if quote:
            quote = '' if character == quote else quote
        # within a word it is an apostrophe
        elif character in '\'"' and not text[start:i].strip(' ([{') or character in '\'"' and open_brackets:
            quote = character
        elif character in BRACKETS:
            open_brackets.append(BRACKETS[character])
        elif open_brackets and character == open_brackets[-1]:
            open_brackets.pop()
        elif character in ')]}':
            raise ConfigError(f'{whole}: {character!r} closes nothing. {syntax}')
        elif character == ',' and not open_brackets:
            parts.append(text[start:i])
            start = i + 1
    if quote or open_brackets:
        raise ConfigError(f'{whole}: {quote or open_brackets[-1]!r} is missing. {syntax}')
    return [*parts, text[start:]]


def read_value(text: str, whole: str, syntax: str) -> Any:
    """A value, as Python reads it; ``true``, ``false``, ``none`` and ``null`` in any case as well; what is no Python value is text.

    Args:
        text: the value. Within lists, words need no quotes.
        whole, syntax: see :func:`split_values`.

    Raises:
        ConfigError: nothing, or what begins as a Python value and is none.
    """
    text = text.strip()
    if not text:
        raise ConfigError(f"{whole}: an empty value. {syntax} An empty string is ''.")
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        pass
    # a list of words needs no quotes
    if (text[0], text[-1]) in (('[', ']'), ('(', ')')):
        inner = [
            read_value(part, whole, syntax)
            for part in split_values(text[1:-1].rstrip().removesuffix(','), whole, syntax)
        ]
        return inner if text[0] == '[' else tuple(inner)
    if text[0] in '{\'"':
        raise ConfigError(f'{whole}: {text} is no Python value. {syntax}')
    return text
