"""The loss against one summed by hand, token by token."""

import pytest
import torch
from tiny import tiny_lm, tiny_tokenizer

from mmalm.heads import GenerationHead

QUESTIONS = ['what is this ?', 'is it a bird ?', 'what is it ?']
ANSWERS = ['red bird', 'yes', 'fish fish fish fish']
WORDS = ['what', 'is', 'this', 'it', 'a', 'red', 'bird', 'yes', 'fish', '?', 'Answer']
RELEASED = dict(
    question_format='{question} Answer', answer_format='{answer}', targets='text', reduction='sample_sum', weight=0.1
)


class OpensTexts:
    """A tokenizer that puts BOS in front of a text, as OPT's does."""

    def __init__(self) -> None:
        self.tokenizer = tiny_tokenizer(WORDS)
        self.eos_token_id = self.bos_token_id = 2

    def __call__(self, texts, add_special_tokens):
        rows = self.tokenizer(texts, add_special_tokens=False)['input_ids']
        return {'input_ids': [[self.bos_token_id] * add_special_tokens + row for row in rows]}


@pytest.fixture(scope='module')
def lm():
    lm = tiny_lm('opt')
    lm._tokenizer = OpensTexts()
    return lm


def batch(rows=range(3)) -> dict:
    return {'question': [QUESTIONS[i] for i in rows], 'answer': [ANSWERS[i] for i in rows]}


def nothing(span):
    return None


@torch.no_grad()
def by_hand(lm, question: str, answer: str, first: int) -> list[float]:
    """Negative log-probabilities of the text's tokens from number ``first`` on, alone and without padding."""
    text = [
        2,
        *lm.tokenizer([question, answer], False)['input_ids'][0],
        *lm.tokenizer([answer], False)['input_ids'][0],
        2,
    ]
    log_probabilities = lm(torch.tensor([text]), torch.ones(1, len(text), dtype=torch.long)).log_softmax(-1)[0]
    return [-log_probabilities[place - 1, text[place]].item() for place in range(first, len(text))]


def test_the_released_loss(lm):
    """Question, mark, separator, answer and EOS are targets, BOS is none; summed over a text, mean over texts, a tenth."""
    texts = [by_hand(lm, f'{q} Answer', a, 1) for q, a in zip(QUESTIONS, ANSWERS, strict=True)]
    # 'what is this ? Answer red bird </s>': eight targets
    assert list(map(len, texts)) == [8, 8, 10]
    found = GenerationHead(**RELEASED).loss(lm, batch(), nothing)
    assert found['loss'].item() == pytest.approx(0.1 * sum(map(sum, texts)) / 3, rel=1e-5)
    assert found['weight'] == 3


def test_the_released_loss_of_a_text_does_not_depend_on_its_padding(lm):
    head = GenerationHead(**RELEASED)
    alone = [head.loss(lm, batch([i]), nothing)['loss'].item() for i in range(3)]
    assert head.loss(lm, batch(), nothing)['loss'].item() == pytest.approx(sum(alone) / 3, rel=1e-5)


def test_answers_alone_are_the_targets_unless_told(lm):
    head = GenerationHead(question_format='{question}', answer_format='{answer}')
    lengths = [5, 6, 5]  # BOS and the question
    texts = [by_hand(lm, q, a, n) for q, a, n in zip(QUESTIONS, ANSWERS, lengths, strict=True)]
    assert list(map(len, texts)) == [3, 2, 5]
    found = head.loss(lm, batch(), nothing)
    assert found['loss'].item() == pytest.approx(sum(map(sum, texts)) / 10, rel=1e-5)
    assert found['weight'] == 10


def test_an_empty_answer_is_the_end_alone(lm):
    head = GenerationHead(question_format='{question}', answer_format='{answer}')
    found = head.loss(lm, {'question': QUESTIONS[:1], 'answer': ['']}, nothing)
    assert found['weight'] == 1 and found['loss'].item() == pytest.approx(by_hand(lm, QUESTIONS[0], '', 5)[0], rel=1e-5)


def test_a_dry_run_generates_a_few_tokens(tmp_path):
    long = {'rank': False, 'generate': {'max_new_tokens': 30, 'min_new_tokens': 9, 'num_beams': 3}}
    short = {'max_new_tokens': 4, 'min_new_tokens': 4, 'num_beams': 3}
    assert GenerationHead.shrink(long, tmp_path) == {'rank': False, 'generate': short}
    assert GenerationHead.shrink({'generate': {}}, tmp_path) == {'generate': {'max_new_tokens': 4}}
    assert GenerationHead.shrink({'rank': True}, tmp_path) == {'rank': True}


CANDIDATES = ['red bird', 'red fish', 'yes', 'fish fish fish fish', 'bird']


def ranked(lm, **options) -> dict:
    head = GenerationHead(question_format='{question}', answer_format='{answer}', **options)
    asked = {'question': QUESTIONS[:2], 'answers': [CANDIDATES, []]}
    first, second = head.predict(lm, asked, nothing)
    assert second == {'ranked': None, 'scores': {}, 'generated': None}
    return first


def test_candidates_are_ranked_by_their_sums_or_means(lm):
    lengths = {name: len(name.split()) + 1 for name in CANDIDATES}
    sums = {name: -sum(by_hand(lm, QUESTIONS[0], name, 5)) for name in CANDIDATES}
    found = ranked(lm)
    assert list(found['scores']) == CANDIDATES
    assert found['scores'] == pytest.approx(sums, abs=1e-5) and found['ranked'] == max(sums, key=sums.get)
    means = {name: sums[name] / lengths[name] for name in CANDIDATES}
    found = ranked(lm, length_normalise=True)
    assert found['scores'] == pytest.approx(means, abs=1e-5) and found['ranked'] == max(means, key=means.get)


def test_candidates_off_the_shortlist_have_no_score(lm):
    sums = {name: -sum(by_hand(lm, QUESTIONS[0], name, 5)) for name in CANDIDATES}
    firsts = {name: -by_hand(lm, QUESTIONS[0], name, 5)[0] for name in CANDIDATES}
    for shortlist in (1, 3, 5, 9):
        last = sorted(firsts.values(), reverse=True)[min(shortlist, 5) - 1]
        kept = [name for name in CANDIDATES if firsts[name] >= last - 1e-6]
        found = ranked(lm, shortlist=shortlist)
        assert list(found['scores']) == kept
        assert found['ranked'] == max(kept, key=sums.get)


def test_the_best_scores_alone_are_kept(lm):
    whole, found = ranked(lm), ranked(lm, keep_scores=2)
    best = sorted(whole['scores'], key=whole['scores'].get)[-2:]
    assert set(found['scores']) == set(best) and found['ranked'] == best[-1] == whole['ranked']
    assert ranked(lm, keep_scores=9) == whole
