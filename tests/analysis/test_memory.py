"""Memory by formula, and what backward keeps against what it really keeps on a CPU."""

import pytest
import torch
from tiny import LAYERS, VOCABULARY, WIDTH
from tiny_costs import ANSWER, BATCH, LENGTH, PROMPT, SIZE, cost_config, counted, plain_costs, widths
from torch import nn

from mmalm.analysis.memory import Memory, optimizer_bytes, weight_bytes
from mmalm.analysis.passes import LanguagePasses
from mmalm.errors import ConfigError
from mmalm.registry import MODELS


def kept_on_cpu(config):
    """Bytes that a training pass really keeps for backward: each storage once, weights left out."""
    torch.manual_seed(0)
    model = MODELS.build(config['model']).train()
    passes = LanguagePasses(model, SIZE)
    pixels = torch.zeros(BATCH, 3, *model.encoder.preprocessing.size)
    passes._context = lambda n: model.context({'pixels': pixels})(torch.ones(BATCH, n, dtype=torch.bool))
    passes._ids = lambda rows, length: torch.zeros(rows, length, dtype=torch.long)
    known = {t.untyped_storage().data_ptr() for t in [*model.parameters(), *model.buffers()]}
    kept = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in known and storage.nbytes():
            kept[storage.data_ptr()] = tensor, storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        loss = passes.training()
    assert torch.isfinite(loss)
    return sum(size for _, size in kept.values())


@pytest.mark.parametrize('kind', ['opt', 'gpt2', 'llama'])
def test_activations_are_what_a_cpu_keeps(kind):
    found, real = plain_costs(kind).memory.activations, kept_on_cpu(cost_config(kind))
    assert found == pytest.approx(real, rel=0.01)


def test_gradient_checkpointing_keeps_the_layers_inputs_and_one_layer():
    config = cost_config(lm=dict(gradient_checkpointing=True))
    plain, checkpointed = plain_costs().memory.activations, counted(config).memory.activations
    inputs = sum(4 * BATCH * (LENGTH + PROMPT + width) * WIDTH for width in widths())
    assert checkpointed > inputs
    # one layer, with the loss's logits, is less than the six there are
    assert checkpointed - inputs < plain / 3


def test_half_precision_halves_and_copies_frozen_weights_held_in_float32():
    fp32 = plain_costs().memory
    half = counted(cost_config(lm=dict(dtype='bfloat16')) | dict(precision='bf16')).memory
    mixed = counted(cost_config() | dict(precision='bf16')).memory
    assert half.activations < 0.75 * fp32.activations
    # autocast keeps a copy of every frozen weight that activations' gradients need, at every use
    copies = 2 * (LAYERS * (4 * WIDTH * WIDTH + 2 * WIDTH * 64) + VOCABULARY * WIDTH)
    assert mixed.activations - half.activations == pytest.approx(copies, rel=0.05)
    lm = sum(p.numel() for p in MODELS.build(cost_config()['model']).language_model.parameters())
    assert half.weights['bfloat16'] == 2 * lm
    assert half.weights['float32'] + 4 * lm == fp32.weights['float32']


def test_keys_and_values():
    memory = plain_costs('llama').memory
    per_layer = 2 * 2 * 8 * 4  # keys and values of two heads of 8, float32
    assert memory.cache_per_token == LAYERS * per_layer
    held = [LENGTH - 1 + PROMPT + width for width in widths()]
    assert memory.cache == BATCH * per_layer * sum(held)


def test_logits_and_what_trains():
    memory = plain_costs().memory
    trained = 2 * (8 * WIDTH + WIDTH) + PROMPT * WIDTH
    assert memory.gradients == 4 * trained and memory.optimizer == 8 * trained
    assert memory.logits == 2 * 4 * BATCH * (ANSWER + 1) * VOCABULARY


def test_sums():
    memory = Memory({'float32': 100, 'bfloat16': 50}, 1, 2, 3, 4, 5, cache=7, cache_per_token=1)
    assert memory.training == 165 and memory.generation == 162
    assert memory.as_dict()['training'] == 165
    assert Memory({'float32': 100}).generation is None


def test_shared_weights_count_once():
    model = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False).half(), nn.BatchNorm1d(2))
    model.append(model[0])
    assert weight_bytes(model) == {'float32': 16 + 16 + 16, 'float16': 8, 'int64': 8}


@pytest.mark.parametrize(
    ('settings', 'states'),
    [
        (None, 2),
        (dict(type='AdamW', lr=1e-3, weight_decay=0.1), 2),
        (dict(type='AdamW', lr=1e-3, amsgrad=True), 3),
        (dict(type='SGD', lr=1.0), 0),
        (dict(type='SGD', lr=1.0, momentum=0.9), 1),
    ],
)
def test_optimizers(settings, states):
    model = nn.Sequential(nn.Linear(3, 5), nn.Linear(5, 5))
    model[0].requires_grad_(False)
    assert optimizer_bytes(model, settings) == states * 4 * 30


@pytest.mark.parametrize(
    ('settings', 'message'),
    [(dict(type='AdmW', lr=1.0), "'AdmW' is not known.*AdamW"), (dict(type='SGD', lrr=1.0), 'lrr')],
)
def test_unknown_optimizers(settings, message):
    with pytest.raises(ConfigError, match=message):
        optimizer_bytes(nn.Linear(2, 2), settings)
