"""The choice that a generated text names, as ScienceQA is answered."""

import re

LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
_STATED = re.compile(r'The answer is ([A-Z])\.')


def stated_choice(text: str, choices: int) -> int | None:
    """The number, from 0, of the choice that the text's first 'The answer is X.' names; None where it names none of them.

    Args:
        text: a generated answer.
        choices: how many there are.
    """
    found = _STATED.search(text)
    number = LETTERS.index(found[1]) if found else choices
    return number if number < choices else None
