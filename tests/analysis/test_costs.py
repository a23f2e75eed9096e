"""FLOPs, parameters and their parts, against formulas written out in tests/tiny_costs.py."""

import json

import pytest
import torch
from tiny import LAYERS, VOCABULARY, WIDTH
from tiny_costs import (
    ANSWER,
    BATCH,
    LENGTH,
    PROMPT,
    SIZE,
    START,
    attention_flops,
    cost_config,
    counted,
    lm_flops,
    logits_flops,
    plain_costs,
    token_flops,
    vit_flops,
)
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from mmalm.analysis.costs import analyse
from mmalm.analysis.ledger import BACKWARD, FORWARD, RECOMPUTED
from mmalm.analysis.parts import ABOVE, BELOW, CONNECTOR, ENCODER, LOGITS
from mmalm.analysis.passes import LanguagePasses
from mmalm.analysis.workload import Workload
from mmalm.errors import ConfigError, TrainingError
from mmalm.registry import MODELS

TEXT, QUESTION = LENGTH + PROMPT, LENGTH - ANSWER + PROMPT
BELOW_LAYERS, ABOVE_LAYERS = range(START), range(START, LAYERS)
# OPT-350M's build multiplies outside the layers too
PROJECTION = 2 * WIDTH * 16


def by_part(costs, tally='training', **where):
    return {part: costs.flops(tally, part=part, **where) / BATCH for part in costs.parameters}


@pytest.mark.parametrize('kind', ['opt', 'gpt2', 'llama', 'mistral'])
def test_every_kind_of_language_model(kind):
    costs = plain_costs(kind)
    connector = 2 * 2 * 8 * WIDTH
    forward = {
        ENCODER: vit_flops(),
        CONNECTOR: connector,
        BELOW: lm_flops(kind, TEXT, BELOW_LAYERS),
        ABOVE: lm_flops(kind, TEXT, ABOVE_LAYERS),
        LOGITS: logits_flops(ANSWER + 1),
    }
    backward = {
        ENCODER: 0,
        CONNECTOR: connector,  # the weights' gradients; features have none
        BELOW: lm_flops(kind, TEXT, BELOW_LAYERS, backward=True),
        ABOVE: lm_flops(kind, TEXT, ABOVE_LAYERS, backward=True),
        LOGITS: logits_flops(ANSWER + 1),
    }
    assert by_part(costs, phase=FORWARD) == forward
    assert by_part(costs, phase=BACKWARD) == backward
    assert costs.flops('training', phase=RECOMPUTED) == 0
    assert costs.flops('training') == BATCH * (sum(forward.values()) + sum(backward.values()))
    assert costs.flops('training', cached=True) == costs.flops('training') - BATCH * vit_flops()

    assert by_part(costs, 'perceive') == {ENCODER: vit_flops(), CONNECTOR: connector, BELOW: 0, ABOVE: 0, LOGITS: 0}
    prefill = lm_flops(kind, QUESTION, range(LAYERS)) + logits_flops(1)
    tokens = [token_flops(kind, QUESTION + 1 + i) + logits_flops(1) for i in range(ANSWER - 1)]
    assert costs.flops('prefill') == BATCH * prefill
    assert costs.flops('first token') == BATCH * tokens[0] and costs.flops('last token') == BATCH * tokens[-1]
    assert costs.flops('generation') == BATCH * (vit_flops() + connector + prefill + sum(tokens))


def test_projections_around_the_layers():
    costs = plain_costs('opt-post-norm')
    found = by_part(costs, phase=FORWARD)
    assert found[BELOW] == lm_flops('opt', TEXT, BELOW_LAYERS) + TEXT * PROJECTION
    assert found[ABOVE] == lm_flops('opt', TEXT, ABOVE_LAYERS)
    assert found[LOGITS] == logits_flops(ANSWER + 1, width=16) + TEXT * PROJECTION


@pytest.mark.parametrize('attention', ['sdpa', 'eager'])
def test_attention_apart(attention):
    costs = counted(cost_config(lm=dict(attention=attention) if attention == 'eager' else None))
    lm = START * attention_flops(TEXT, TEXT) + (LAYERS - START) * attention_flops(TEXT + 1, TEXT + 1)
    encoder = 3 * attention_flops(5, 5, 8)
    assert costs.flops('training', attention=True, phase=FORWARD) == BATCH * (lm + encoder)
    assert costs.flops('training', attention=True, phase=BACKWARD) == BATCH * 2 * lm
    assert costs.flops('training') == plain_costs().flops('training')


def test_without_a_soft_prompt_only_what_follows_the_injection_is_differentiated():
    costs = counted(cost_config(prompt=0))
    assert by_part(costs, phase=BACKWARD)[BELOW] == 0
    assert by_part(costs, phase=BACKWARD)[ABOVE] == lm_flops('opt', LENGTH, ABOVE_LAYERS, backward=True)
    assert by_part(costs, phase=FORWARD)[BELOW] == lm_flops('opt', LENGTH, BELOW_LAYERS)


def test_weights_that_train_cost_their_gradients():
    fc1 = 'language_model.model.model.decoder.layers.5.fc1.weight'
    frozen, trained = (counted(cost_config(trainable=names)) for names in (['connector.*'], ['connector.*', fc1]))
    more = trained.flops('training', phase=BACKWARD) - frozen.flops('training', phase=BACKWARD)
    assert more == BATCH * 2 * (TEXT + 1) * WIDTH * 64
    assert trained.parameters[ABOVE].trainable == WIDTH * 64


def test_a_prompt_through_its_mlp_is_paid_once_a_batch():
    costs = counted(cost_config(soft_prompt=dict(type='SoftPrompt', length=PROMPT, mlp=True)))
    mlp = 2 * (2 * PROMPT * WIDTH * WIDTH)
    assert costs.flops('training', part=CONNECTOR, phase=FORWARD) == BATCH * 2 * 2 * 8 * WIDTH + mlp
    # the embeddings train below it, so both layers pass activations' gradients on and have weights' gradients
    assert costs.flops('training', part=CONNECTOR, phase=BACKWARD) == BATCH * 2 * 2 * 8 * WIDTH + 2 * mlp


def test_logits_only_where_the_loss_has_targets():
    all_text = counted(cost_config(head=dict(type='GenerationHead', targets='text')))
    assert by_part(all_text, phase=FORWARD)[LOGITS] == logits_flops(LENGTH)
    assert all_text.memory.logits == 2 * 4 * BATCH * LENGTH * VOCABULARY


def test_gradient_checkpointing_computes_layers_again_up_to_what_nothing_needs():
    plain = plain_costs()
    checkpointed = counted(cost_config(lm=dict(gradient_checkpointing=True)))
    for phase in (FORWARD, BACKWARD):
        assert by_part(checkpointed, phase=phase) == by_part(plain, phase=phase)
        kept = (c.flops('training', attention=True, phase=phase) for c in (plain, checkpointed))
        assert len(set(kept)) == 1
    # recomputation stops at the last layer, fc2: its output is never looked at
    fc2 = 2 * TEXT * WIDTH * 64
    assert by_part(checkpointed, phase=RECOMPUTED)[BELOW] == lm_flops('opt', TEXT, BELOW_LAYERS) - START * fc2
    assert checkpointed.memory.activations < plain.memory.activations / 2


def test_beams_read_the_question_each():
    one = plain_costs()
    three = counted(cost_config(head=dict(type='GenerationHead', generate=dict(num_beams=3))))
    assert three.beams == 3
    text = one.flops('generation') - one.flops('perceive')
    assert three.flops('generation') == one.flops('perceive') + 3 * text
    assert three.memory.cache == 3 * one.memory.cache


def test_without_a_cache_every_token_reads_the_whole_text_again():
    costs = counted(cost_config(visibility='all'))
    passes = [lm_flops('opt', QUESTION + i, range(LAYERS)) + logits_flops(1) for i in range(ANSWER)]
    assert costs.flops('prefill') == BATCH * passes[0]
    assert costs.flops('first token') == BATCH * passes[1] and costs.flops('last token') == BATCH * passes[-1]
    assert costs.flops('generation') == costs.flops('perceive') + BATCH * sum(passes)
    assert costs.memory.generation is None


def test_an_answer_of_one_token_comes_from_the_prefill():
    costs = analyse(cost_config(), Workload(BATCH, LENGTH, 1))
    assert costs.flops('generation') == costs.flops('perceive') + costs.flops('prefill')


def test_parameters_by_part():
    costs = plain_costs()
    layer = 4 * (WIDTH * WIDTH + WIDTH) + 2 * WIDTH * 64 + 64 + WIDTH + 4 * WIDTH
    found = {name: counts.all for name, counts in costs.parameters.items()}
    assert found[CONNECTOR] == costs.parameters[CONNECTOR].trainable == 2 * (8 * WIDTH + WIDTH) + PROMPT * WIDTH
    # the tied head is the token embedding; positions have two rows in front
    assert found[BELOW] == 2 * layer + VOCABULARY * WIDTH + (64 + 2) * WIDTH
    assert found[ABOVE] == 4 * layer and found[LOGITS] == 2 * WIDTH
    with torch.device('meta'):
        model = MODELS.build(cost_config()['model'])
    assert sum(found.values()) == sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize('checkpointing', [False, True])
def test_totals_are_those_of_torchs_own_counter(checkpointing):
    config = cost_config(lm=dict(gradient_checkpointing=True) if checkpointing else None)
    costs = counted(config)
    with torch.device('meta'):
        model = MODELS.build(config['model']).train()
        with FlopCounterMode(display=False) as counter:
            LanguagePasses(model, SIZE).training().backward()
    assert costs.flops('training') == counter.get_total_flops() > 0


class Towers(nn.Module):
    """A model of another build, which says how it runs; its parts are its children."""

    def __init__(self):
        super().__init__()
        self.left, self.right = nn.Linear(4, 6), nn.Sequential(nn.Linear(5, 6), nn.Linear(6, 6))
        self.right.requires_grad_(False)

    def cost_passes(self, workload):
        self.training_batch = torch.zeros(workload.batch_size, 4), torch.zeros(workload.batch_size, 5)
        self.training_pass = lambda: (self.left(self.training_batch[0]) @ self.right(self.training_batch[1]).T).sum()
        return type('Passes', (), {'training': staticmethod(self.training_pass)})()


class NamedTowers(Towers):
    def cost_parts(self):
        return {'both': [self.left, self.right[0]], 'last': [self.right[1]]}


@pytest.mark.parametrize(
    ('model', 'expected'),
    [
        (Towers, {'left': (2 * 24, 2 * 24), 'right': (2 * 66, 0)}),
        (NamedTowers, {'both': (2 * (24 + 30), 2 * 24), 'last': (2 * 36, 0)}),
    ],
)
def test_models_of_another_build(model, expected, monkeypatch):
    monkeypatch.setitem(MODELS.module_dict, 'Towers', model)
    costs = analyse(dict(model=dict(type='Towers')), Workload(7, 2, 1))
    found = {
        part: tuple(costs.flops('training', part=part, phase=phase) / 7 for phase in (FORWARD, BACKWARD))
        for part in expected
    }
    assert found == expected
    # the product of the two towers belongs to neither
    assert costs.flops('training', part='rest', phase=FORWARD) == 2 * 7 * 6 * 7
    assert list(costs.tallies) == ['training'] and costs.memory.generation is None
    assert costs.parameters[next(iter(expected))].trainable == 30


def test_everything_as_json():
    costs = plain_costs()
    found = json.loads(json.dumps(costs.as_dict()))
    training = found['flops']['training']
    assert training['total'] == sum(training['parts'].values()) == 2 * training['macs'] == training['dtypes']['float32']
    assert training['total'] - training['with_cached_features'] == training['parts'][ENCODER]
    phases = found['training_phases']
    assert sum(phases[phase][ABOVE] for phase in phases) == training['parts'][ABOVE]
    assert found['workload'] == dict(batch_size=BATCH, text_length=LENGTH, answer_length=ANSWER, beams=1)


class TestMistakes:
    def test_no_model(self):
        with pytest.raises(ConfigError, match="lacks 'model'"):
            analyse({}, SIZE)

    def test_precision(self):
        with pytest.raises(ConfigError, match="precision='bf61' is unknown. Did you mean 'bf16'"):
            counted(cost_config() | dict(precision='bf61'))

    def test_a_text_longer_than_the_positions(self):
        with pytest.raises(ConfigError, match='65 tokens is longer than the 64'):
            analyse(cost_config(), Workload(1, 65, 4))

    def test_a_wrong_count_of_what_trains(self):
        with pytest.raises(TrainingError, match='expects 5 trainable'):
            counted(cost_config(expect_trainable=5))

    def test_a_model_that_does_not_say_how_it_runs(self, monkeypatch):
        monkeypatch.setitem(MODELS.module_dict, 'Silent', type('Silent', (nn.Linear,), {}))
        with pytest.raises(ConfigError, match=r'Silent does not say .* cost_passes\(workload\)'):
            analyse(dict(model=dict(type='Silent', in_features=2, out_features=2)), SIZE)
