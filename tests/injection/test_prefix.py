"""Passes over one text that share what lies below their injections give what they give alone, with fewer layers run."""

import pytest
import torch
from tiny import LAYERS, WIDTH, padded_texts, tiny_lm
from tiny_text import DEPTH, TEXT_KINDS, tiny_text_lm

from mmalm.errors import ConfigError
from mmalm.injection import Injected, Prompt, QueriedTokens, SharedPrefix
from mmalm.injection.schedules import SingleLayer

TEXTS = padded_texts()
CAUSAL = ('opt', 'gpt2', 'llama')


def model(kind):
    return tiny_lm(kind) if kind in CAUSAL else tiny_text_lm(kind)


def arm(lm, layer, prefix=None, adapters=()):
    tokens = QueriedTokens(
        lambda source, rows, hidden, span: hidden.mean(1, keepdim=True) + layer,
        TEXTS['left_mask'].bool(),
        1,
        shift=lambda source: torch.ones(WIDTH),
    )
    prompt = Prompt(torch.linspace(-1, 1, 2 * WIDTH).view(2, WIDTH))
    return Injected(lm.injector(SingleLayer(layer).plan(lm.num_layers, 1)), tokens, prompt, adapters, prefix)


def counted(layers, run):
    """What ``run()`` gives, and how many of the layers' attentions ran."""
    ran = []
    handles = [
        next(m for m in layer.modules() if type(m).__name__.endswith('Attention')).register_forward_hook(
            lambda *_: ran.append(1)
        )
        for layer in layers
    ]
    found = run()
    for handle in handles:
        handle.remove()
    return found, len(ran)


@pytest.mark.parametrize('order', [(0, 1, 3), (3, 1, 0), (1, 3, 2, 2)])
@pytest.mark.parametrize('kind', [*CAUSAL, *TEXT_KINDS])
@torch.no_grad()
def test_every_arm_gives_what_it_gives_alone_and_starts_where_it_can(kind, order):
    lm, prefix = model(kind), SharedPrefix()
    ids, mask = TEXTS['left'], TEXTS['left_mask']
    known = -1
    for layer in order:
        run = lambda: lm.states(ids, mask, injection=arm(lm, layer, prefix))  # noqa: B023, E731
        found, ran = counted(lm.anatomy.layers, run)
        assert torch.equal(found, lm.states(ids, mask, injection=arm(lm, layer)))
        assert ran == lm.num_layers - max(0, min(layer, known))
        known = max(known, layer)


@torch.no_grad()
def test_the_encoder_in_front_of_a_decoder_runs_once():
    lm, prefix = model('t5 decoder'), SharedPrefix()

    def run():
        for layer in range(DEPTH):
            lm.states(TEXTS['left'], TEXTS['left_mask'], injection=arm(lm, layer, prefix))

    assert counted(lm.model.encoder.block, run)[1] == DEPTH


@torch.no_grad()
def test_adapters_below_the_injection_are_part_of_what_is_shared():
    class Doubling:
        def at(self, layer):
            return lambda blocks: blocks['mlp'].changed(lambda entered, left: 2 * left)

    lm, prefix = model('bert'), SharedPrefix()
    ids, mask = TEXTS['left'], TEXTS['left_mask']
    for layer in (2, 3, 1):
        shared = lm.states(ids, mask, injection=arm(lm, layer, prefix, (Doubling(),)))
        assert torch.equal(shared, lm.states(ids, mask, injection=arm(lm, layer, None, (Doubling(),))))


@torch.no_grad()
def test_logits_are_shared_too_and_a_cache_is_refused():
    lm, prefix = model('llama'), SharedPrefix()
    ids, mask = TEXTS['left'], TEXTS['left_mask']
    for layer in (4, LAYERS - 1):
        assert torch.equal(lm(ids, mask, injection=arm(lm, layer, prefix)), lm(ids, mask, injection=arm(lm, layer)))
    with pytest.raises(ConfigError, match='leave a cache empty'):
        lm(ids, mask, injection=arm(lm, 1, prefix), cache=lm.new_cache())
    with pytest.raises(ConfigError, match='or no prefix'):
        lm.generate(ids, mask, injection=arm(lm, 1, prefix))


def test_another_text_and_gradients_are_refused():
    lm, prefix = model('bert'), SharedPrefix()
    ids, mask = TEXTS['left'], TEXTS['left_mask']
    with torch.no_grad():
        lm.states(ids, mask, injection=arm(lm, 2, prefix))
        lm.states(ids.clone(), mask.clone(), injection=arm(lm, 2, prefix))
        for other in ((ids.flip(0), mask), (ids, TEXTS['right_mask']), (ids, None)):
            with pytest.raises(ConfigError, match='belongs to another text'):
                lm.states(*other, injection=arm(lm, 2, prefix))
    with pytest.raises(ConfigError, match='without gradients'):
        lm.states(ids, mask, injection=arm(lm, 2, prefix))
