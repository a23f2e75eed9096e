"""The text of ``--options``: a dotted key and the values it takes in turn."""

import ast
from collections.abc import Sequence
from typing import Any

from ..errors import ConfigError

# what a command line calls them; Python's own spellings are literals already
WORDS = {'true': True, 'false': False, 'none': None, 'null': None}
BRACKETS = {'(': ')', '[': ']', '{': '}'}
SYNTAX = "Write KEY=VALUE,VALUE as in 'train_cfg.max_epochs=4,8'; a list is one value: 'tasks=[kind],[kind,name]'."
# the sweep itself sets these, one for each cell
OWN = {'seed': 'use --seeds', 'work_dir': 'use --work-dir, below which every cell has its folder'}


def parse_options(texts: Sequence[str]) -> dict[str, list[Any]]:
    """Values by dotted key, both in the order given.

    Commas separate values, except within brackets and quotes. A value is read as Python reads it; ``true``, ``false``,
    ``none`` and ``null`` in any case as well; within lists and outside of them, what is no Python value is text.

    Raises:
        ConfigError: no ``=``, an empty or repeated value, a bracket or quote left open, a key given twice or not for sweeps.
    """
    options: dict[str, list[Any]] = {}
    for text in texts:
        key, equals, rest = text.partition('=')
        key = key.strip()
        if not equals or not key:
            raise ConfigError(f'--options {text!r}: no key and values. {SYNTAX}')
        if key in OWN:
            raise ConfigError(f'--options {text!r}: {key!r} is different in every cell; {OWN[key]}.')
        if key in options:
            raise ConfigError(f'--options: {key!r} is given twice. Put all its values into one: {key}=VALUE,VALUE.')
        values = [_value(part, text) for part in split_values(rest, text)]
        for i, value in enumerate(values):
            if any(same(value, earlier) for earlier in values[:i]):
                raise ConfigError(f'--options {text!r}: the value {value!r} stands there twice.')
        options[key] = values
    return options


def same(a: Any, b: Any) -> bool:
    """Whether two option values are one: ``1`` and ``1.0`` are, ``1`` and ``True`` are not."""
    return isinstance(a, bool) == isinstance(b, bool) and a == b


def split_values(text: str, whole: str) -> list[str]:
    """Split at the commas outside of brackets and quotes.

    Args:
        text: the values.
        whole: the option they stand in, for messages.
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
            raise ConfigError(f'--options {whole!r}: {character!r} closes nothing. {SYNTAX}')
        elif character == ',' and not open_brackets:
            parts.append(text[start:i])
            start = i + 1
    if quote or open_brackets:
        raise ConfigError(f'--options {whole!r}: {quote or open_brackets[-1]!r} is missing. {SYNTAX}')
    return [*parts, text[start:]]


def _value(text: str, whole: str) -> Any:
    text = text.strip()
    if not text:
        raise ConfigError(f"--options {whole!r}: an empty value. {SYNTAX} An empty string is ''.")
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        pass
    # a list of words needs no quotes
    if (text[0], text[-1]) in (('[', ']'), ('(', ')')):
        inner = [_value(part, whole) for part in split_values(text[1:-1].rstrip().removesuffix(','), whole)]
        return inner if text[0] == '[' else tuple(inner)
    if text[0] in '{\'"':
        raise ConfigError(f'--options {whole!r}: {text} is no Python value. {SYNTAX}')
    return text
