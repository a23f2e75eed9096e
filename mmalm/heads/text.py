"""Questions and answers as token ids.

Legend: B batch, L text length.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import ConfigError


@dataclass(frozen=True)
class TextFormat:
    """How a question and an answer become text.

    Question and answer are tokenised apart and their ids joined, so that the boundary never falls inside a token.

    Attributes:
        question: template of the question's text, with ``{question}``; left out where nothing is asked, as in captioning.
        answer: template of the answer's text, with ``{answer}``.
    """

    question: str = 'Question: {question} Answer:'
    answer: str = ' {answer}'

    def __post_init__(self) -> None:
        for field, template in (('question', self.question), ('answer', self.answer)):
            if '{' + field + '}' not in template:
                raise ConfigError(f'the {field} template {template!r} has no {{{field}}} in it.')

    def questions(self, tokenizer: Any, questions: Sequence[str]) -> list[list[int]]:
        """Ids of each question, with what the tokenizer puts in front of a text."""
        texts = [self.question.format(question=question) if question else '' for question in questions]
        ids = tokenizer(texts, add_special_tokens=True)['input_ids']
        return [_without_end(row, tokenizer) or [_start(tokenizer)] for row in ids]

    def answers(self, tokenizer: Any, answers: Sequence[str]) -> list[list[int]]:
        """Ids of each answer and the end-of-text token."""
        if tokenizer.eos_token_id is None:
            raise ConfigError('the tokenizer has no end-of-text token, so answers could not end.')
        texts = [self.answer.format(answer=answer) for answer in answers]
        return [[*row, tokenizer.eos_token_id] for row in tokenizer(texts, add_special_tokens=False)['input_ids']]


def _without_end(row: list[int], tokenizer: Any) -> list[int]:
    # some tokenizers close a text by themselves; the answer is to follow. OPT starts with the same token, which stays
    return row[:-1] if len(row) > 1 and row[-1] == tokenizer.eos_token_id else row


def _start(tokenizer: Any) -> int:
    return tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
