"""Rules against repetition look at real tokens alone: neither padding nor a soft prompt counts as something said."""

import pytest
import torch
from tiny import padded_texts, tiny_lm
from torch import Tensor
from transformers import LogitsProcessor

from mmalm.injection import Injected, Prompt

TEXTS = padded_texts((12, 7, 4))
RULES = [{'no_repeat_ngram_size': 1}, {'no_repeat_ngram_size': 2}, {'repetition_penalty': 3.0}]


@pytest.mark.parametrize('beams', [1, 3])
@pytest.mark.parametrize('rule', RULES)
def test_a_padded_batch_equals_transformers_on_single_texts(rule: dict, beams: int) -> None:
    lm = tiny_lm('opt')
    options = {'max_new_tokens': 12, 'num_beams': beams, **rule}
    found = lm.generate(TEXTS['right'], TEXTS['right_mask'], eos_token_id=None, **options)
    plain = lm.generate(TEXTS['right'], TEXTS['right_mask'], eos_token_id=None, max_new_tokens=12, num_beams=beams)
    assert not torch.equal(found, plain)
    for i, length in enumerate(TEXTS['lengths']):
        ids = TEXTS['right'][i : i + 1, :length]
        theirs = lm.model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, pad_token_id=1, **options)
        assert torch.equal(found[i], theirs[0, length:])


@pytest.mark.parametrize('rule', RULES)
def test_place_holders_of_a_prompt_are_nothing_said(rule: dict) -> None:
    lm = tiny_lm('llama')
    seen = []

    class Watch(LogitsProcessor):
        def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
            seen.append(scores[:, lm.pad_id].clone())
            return scores

    injection = Injected(lm.injector(None), prompt=Prompt(torch.randn(4, 32)))
    options = {'injection': injection, 'max_new_tokens': 1, 'eos_token_id': None, 'logits_processor': [Watch()]}
    for rules in ({}, rule):
        lm.generate(TEXTS['left'], TEXTS['left_mask'], **options, **rules)
    assert torch.equal(
        *seen
    )  # the id of place-holders and padding is no likelier and no less likely than without the rule
