"""Questions and answers as ids."""

import pytest
from tiny import WORDS, tiny_tokenizer

from mmalm.errors import ConfigError
from mmalm.heads.text import TextFormat

TOKENIZER = tiny_tokenizer(WORDS)


def test_question_and_answer_join_without_crossing_a_token() -> None:
    text = TextFormat('Question : {question} Answer :', ' {answer}')
    question = text.questions(TOKENIZER, ['what is this ?'])[0]
    assert TOKENIZER.convert_ids_to_tokens(question) == ['Question', ':', 'what', 'is', 'this', '?', 'Answer', ':']
    answer = text.answers(TOKENIZER, ['red bird'])[0]
    assert TOKENIZER.convert_ids_to_tokens(answer) == ['red', 'bird', '</s>']


def test_an_end_token_put_by_the_tokenizer_is_taken_off_again() -> None:
    class Closing:
        eos_token_id, bos_token_id = 2, 2

        def __call__(self, texts: list[str], add_special_tokens: bool) -> dict:
            return {'input_ids': [[2, 7, 8, 2] if add_special_tokens else [7, 8] for _ in texts]}

    assert TextFormat().questions(Closing(), ['x']) == [[2, 7, 8]]


def test_an_empty_question_starts_with_the_start_token() -> None:
    for template in ('{question}', 'Question : {question} Answer :'):
        assert TextFormat(template, '{answer}').questions(TOKENIZER, ['']) == [[2]]


@pytest.mark.parametrize('templates', [('no field', ' {answer}'), ('{question}', ' answer')])
def test_templates_without_their_field_are_refused(templates: tuple[str, str]) -> None:
    with pytest.raises(ConfigError, match='has no {'):
        TextFormat(*templates)
