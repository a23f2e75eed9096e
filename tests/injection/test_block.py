"""Adapters at every kind of block of text encoders and encoder-decoders."""

import pytest
import torch
from tiny import padded_texts
from tiny_text import TEXT_KINDS, tiny_text_lm
from torch import nn

from mmalm.errors import ConfigError
from mmalm.injection import Injected

TEXTS = padded_texts()


class Added:
    """An adapter that adds a number to what leaves one place of one layer."""

    def __init__(self, place, layer=1, stack=None, amount=1.0):
        self.place, self.layer, self.stack, self.amount = place, layer, stack, amount

    def at(self, layer):
        return (lambda blocks: blocks[self.place].changed(self.change)) if self.layer in (None, layer) else None

    def change(self, entered, left):
        return left + self.amount


class TestAdapters:
    """What leaves a block is changed before the residual sum and, in a post-norm layer, before its LayerNorm."""

    @pytest.mark.parametrize('kind', ['bert', 'roberta'])
    @pytest.mark.parametrize('place', ['attention', 'mlp'])
    @torch.no_grad()
    def test_bert_is_changed_before_sum_and_norm(self, kind, place):
        lm, seen = tiny_text_lm(kind), []
        norm = {'attention': lm.model.encoder.layer[1].attention.output, 'mlp': lm.model.encoder.layer[1].output}[
            place
        ].LayerNorm
        norm.register_forward_pre_hook(lambda module, args: seen.append(args[0]))
        for adapters in ((), (Added(place),)):
            lm.states(TEXTS['right'], injection=Injected(lm.injector(None), adapters=adapters))
        torch.testing.assert_close(seen[1], seen[0] + 1)

    @pytest.mark.parametrize('inserted_into', ['decoder', 'encoder'])
    @pytest.mark.parametrize(
        ('stack', 'place', 'number'),
        [
            ('encoder', 'attention', 0),
            ('encoder', 'mlp', 1),
            ('decoder', 'attention', 0),
            ('decoder', 'cross_attention', 1),
            ('decoder', 'mlp', 2),
        ],
    )
    @torch.no_grad()
    def test_t5_is_changed_before_the_sum_in_either_stack(self, inserted_into, stack, place, number):
        lm, seen = tiny_text_lm(f't5 {inserted_into}'), []
        part = getattr(lm.model, stack).block[1].layer[number]
        part.register_forward_hook(lambda module, args, out: seen.append(out[0] if isinstance(out, tuple) else out))
        adapter = Added(place, stack=None if stack == inserted_into else stack)
        for adapters in ((), (adapter,)):
            lm.states(TEXTS['right'], injection=Injected(lm.injector(None), adapters=adapters))
        torch.testing.assert_close(seen[1], seen[0] + 1)

    @torch.no_grad()
    def test_entered_is_what_the_block_read(self):
        lm, entered = tiny_text_lm('bert'), {}

        class Watching(Added):
            def change(self, entered_, left):
                return entered.setdefault(self.place, (entered_, left))[1]

        layer = lm.model.encoder.layer[1]
        given = []
        layer.attention.register_forward_pre_hook(lambda module, args: given.append(args[0]))
        layer.intermediate.register_forward_pre_hook(lambda module, args: given.append(args[0]))
        both = [Watching('attention'), Watching('mlp')]
        lm.states(TEXTS['right'], injection=Injected(lm.injector(None), adapters=both))
        assert entered['attention'][0] is given[0] and entered['mlp'][0] is given[1]

    @pytest.mark.parametrize('kind', TEXT_KINDS)
    def test_checkpointed_layers_are_adapted_when_they_are_recomputed(self, kind):
        found = []
        for checkpointing in (False, True):
            lm = tiny_text_lm(kind, gradient_checkpointing=checkpointing)
            weight = nn.Parameter(torch.ones(()))

            class Scaled(Added):
                def change(self, entered, left, weight=weight):
                    return left * weight

            adapters = [Scaled('mlp', layer=None, stack=stack) for stack in lm.depths]
            lm.states(
                TEXTS['right'], injection=Injected(lm.injector(None), adapters=adapters)
            ).square().sum().backward()
            found.append(weight.grad)
        torch.testing.assert_close(*found)
        assert found[0].abs() > 0

    @pytest.mark.parametrize(
        ('kind', 'adapter', 'message'),
        [
            (
                'bert',
                Added('cross_attention'),
                "BertLayer has no 'cross_attention' for an adapter. .*It has: attention, mlp",
            ),
            ('t5 encoder', Added('cross_atention', stack='decoder'), "Did you mean 'cross_attention'"),
            ('bert', Added('mlp', stack='encoder'), r"Added\(stack='encoder'\).*Beside it: none"),
            ('t5 decoder', Added('mlp', stack='decoder'), 'Beside it: encoder'),
        ],
    )
    def test_a_place_or_stack_that_is_not_there_is_named(self, kind, adapter, message):
        lm = tiny_text_lm(kind)
        with pytest.raises(ConfigError, match=message):
            lm.states(TEXTS['right'], injection=Injected(lm.injector(None), adapters=(adapter,)))
