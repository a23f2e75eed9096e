"""ScienceQA's questions and answers as texts, in the formats of its authors ('QCM-ALE'), worded as LaVIN words them.

A format names what the question consists of and what the answer does, each in its order: Q question, C context (the hint), M
choices; A answer, L lecture, E explanation (the solution).
"""

import re

from ..errors import ConfigError
from ..metrics.scienceqa_answer import LETTERS
from .scienceqa_files import Problem

ASKED = {'Q': 'Question: ', 'C': 'Context: ', 'M': 'Options: '}
ANSWERS = 'ALE'
NO_CONTEXT = 'N/A'


def parts(form: str) -> tuple[str, str]:
    """('QCM', 'ALE') of 'QCM-ALE'.

    Raises:
        ConfigError: it is no format.
    """
    asked, _, answered = form.partition('-')
    whole = sorted(asked) == sorted(ASKED)
    known = 'A' in answered and set(answered) <= set(ANSWERS) and len(set(answered)) == len(answered)
    # between lecture and explanation nothing would mark the answer
    if not (whole and known and (answered[0] == 'A' or answered[-1] == 'A')):
        raise ConfigError(
            f'ScienceQADataset: unknown format {form!r}. It is Q, C and M in some order, a hyphen, and A alone, before or after L '
            'or E or both: QCM-ALE, QCM-A, CQM-LEA ...'
        )
    return asked, answered


def question_text(problem: Problem, asked: str) -> str:
    """What is asked, up to 'Response:', where the answer begins."""
    choices = ' '.join(f'({letter}) {choice}' for letter, choice in zip(LETTERS, problem.choices, strict=False))
    content = {'Q': problem.question, 'C': problem.hint.strip() or NO_CONTEXT, 'M': choices}
    lines = [ASKED[part] + content[part] for part in asked]
    return _single_blanks('\n'.join([*lines, 'Response:']))


def answer_text(problem: Problem, answered: str) -> str:
    """The answer, with the lecture and the explanation where the format has them and the problem does."""
    stated = f'The answer is {LETTERS[problem.answer]}.'
    content = {'L': problem.lecture, 'E': problem.solution}
    # a line feed is written as the two characters, so that an answer is one line
    reasons = ' '.join(content[part].strip().replace('\n', '\\n') for part in answered if content.get(part))
    if not reasons:
        return stated
    return _single_blanks(f'{stated} BECAUSE: {reasons}' if answered[0] == 'A' else f'{reasons} {stated}')


def _single_blanks(text: str) -> str:
    return re.sub(' +', ' ', text).strip()
