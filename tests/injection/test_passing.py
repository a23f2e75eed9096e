"""T5's relative position bias when perceptual tokens have come in."""

import pytest
import torch
from tiny import WIDTH, padded_texts
from tiny_text import DEPTH, tiny_text_lm

from mmalm.injection import Injected, Prompt, StaticTokens
from mmalm.injection.schedules import ExplicitSchedule

TEXTS = padded_texts((7, 5, 3))
# widths 0, 2, 4, 4
LATER = ExplicitSchedule([(1, 0), (2, 1, 'insert', 1)])
WIDTHS = (0, 2, 4, 4)


def biases(lm, ids, mask, injection):
    """The ``position_bias`` that attention is given at each layer of the stack of injection."""
    found, handles = [], []
    for layer in lm.anatomy.layers:
        attention = layer.layer[0].SelfAttention
        handles.append(
            attention.register_forward_pre_hook(
                lambda module, args, kwargs: found.append(kwargs['position_bias']), with_kwargs=True
            )
        )
    lm.states(ids, mask, injection=injection)
    for handle in handles:
        handle.remove()
    return found


def own_bias(lm, length):
    return lm.anatomy.layers[0].layer[0].SelfAttention.compute_bias(length, length)


@pytest.mark.parametrize('side', ['right', 'left'])
@pytest.mark.parametrize('prompt', [0, 3])
@torch.no_grad()
def test_between_text_tokens_the_bias_is_the_models_own_in_every_layer(side, prompt):
    lm = tiny_text_lm('t5 encoder', 'sdpa')
    if lm.anatomy.bias_holds_mask:
        pytest.skip('the bias of this version of transformers holds the mask')
    given = Prompt(torch.randn(prompt, WIDTH)) if prompt else None
    injection = Injected(lm.injector(LATER.plan(DEPTH, 2)), StaticTokens(torch.randn(3, 2, 2, WIDTH)), given)
    found = biases(lm, TEXTS[side], TEXTS[f'{side}_mask'], injection)
    assert [bias.shape[-1] for bias in found] == [width + prompt + 7 for width in WIDTHS]
    for width, bias in zip(WIDTHS, found, strict=True):
        for i, length in enumerate(TEXTS['lengths']):
            here = bias[i if len(bias) > 1 else 0]
            columns = range(width + prompt, width + prompt + length) if side == 'right' else range(-length, 0)
            columns = torch.tensor([*columns]) % bias.shape[-1]
            assert torch.equal(here[:, columns][:, :, columns], own_bias(lm, 7)[0, :, :length, :length])


@pytest.mark.parametrize('side', ['right', 'left'])
@torch.no_grad()
def test_perceptual_tokens_stand_right_before_the_first_real_token(side):
    lm = tiny_text_lm('t5 encoder', 'sdpa')
    if lm.anatomy.bias_holds_mask:
        pytest.skip('the bias of this version of transformers holds the mask')
    injection = Injected(lm.injector(LATER.plan(DEPTH, 2)), StaticTokens(torch.randn(3, 2, 2, WIDTH)))
    found = biases(lm, TEXTS[side], TEXTS[f'{side}_mask'], injection)
    for width, bias in zip(WIDTHS, found, strict=True):
        for i, length in enumerate(TEXTS['lengths']):
            real = [*range(width), *(range(width, width + length) if side == 'right' else range(-length, 0))]
            columns = torch.tensor(real) % bias.shape[-1]
            here = bias[i if len(bias) > 1 else 0]
            # as a text that is so much longer, without padding
            assert torch.equal(here[:, columns][:, :, columns], own_bias(lm, width + length)[0])


@torch.no_grad()
def test_a_batch_without_padding_in_front_shares_one_bias():
    lm = tiny_text_lm('t5 encoder')
    injection = Injected(lm.injector(LATER.plan(DEPTH, 2)), StaticTokens(torch.randn(3, 2, 2, WIDTH)))
    assert {len(b) for b in biases(lm, TEXTS['right'], None, injection)} == {1}
    assert {len(b) for b in biases(lm, TEXTS['left'], TEXTS['left_mask'], injection)} == {3}


@torch.no_grad()
def test_every_layer_of_both_stacks_keeps_its_bias():
    # the released code of DVP runs all layers but the first without
    for kind in ('t5 decoder', 't5 encoder'):
        lm = tiny_text_lm(kind)
        plan = ExplicitSchedule([(0, 0)]).plan(DEPTH, 1)
        injection = Injected(lm.injector(plan), StaticTokens(torch.randn(3, 1, 2, WIDTH)))
        found = biases(lm, TEXTS['right'], None, injection)
        assert len(found) == DEPTH and all(torch.equal(bias, found[0]) for bias in found)
        assert found[0].abs().amax() > 0
