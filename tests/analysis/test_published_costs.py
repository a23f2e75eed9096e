"""The published eP-ALM configs by closed formula: 1 MAC = 2 FLOPs, attention over all pairs."""

import functools
from pathlib import Path

import pytest

from mmalm.analysis.cost_comparison import compare_costs
from mmalm.analysis.costs import Costs, analyse
from mmalm.analysis.ledger import BACKWARD, FORWARD
from mmalm.analysis.parts import ABOVE, BELOW, CONNECTOR, ENCODER, LOGITS
from mmalm.analysis.run_costs import estimate_config
from mmalm.analysis.workload import Workload, workload_of
from mmalm.config import load_config

ROOT = Path(__file__).parents[2]
VOCABULARY, PROMPT, START, LAYERS = 50272, 10, 19, 32
TEXT, ANSWER = 32, 4


@functools.cache
def published(name: str) -> tuple[Costs, dict]:
    """Costs of a config's own batch, and the config."""
    config = load_config(ROOT / 'configs' / 'epalm' / f'{name}.py')
    return analyse(config, workload_of(config)), config


def block(rows: int, width: int, attention: int = 1) -> int:
    """A transformer layer: four projections, an MLP four times as wide, attention's two products (``attention`` times)."""
    return 2 * rows * 12 * width**2 + attention * 2 * (2 * rows**2 * width)


def vit(layers: int, width: int) -> int:
    """16 x 16 patches of a picture of 224 x 224, and a CLS token."""
    return 2 * 196 * 3 * 16 * 16 * width + layers * block(197, width)


@pytest.mark.parametrize(
    ('name', 'batch', 'width', 'encoder', 'parameters', 'trainable', 'connector'),
    [
        # six connectors, and the prompt's two layers; backward passes activations' and weights' gradients of these on
        ('opt2.7b_vqa', 64, 2560, (12, 768), 2_762_345_216, 24_949_760, (6 * 768, 2 * PROMPT * 2560)),
        ('opt6.7b_vit_l_vqa', 16, 4096, (24, 1024), 6_966_014_976, 4_239_360, (6 * 1024, 0)),
    ],
)
def test_flops_parameters_and_weights(name, batch, width, encoder, parameters, trainable, connector):
    costs, _ = published(name)
    assert costs.workload == Workload(batch, TEXT, ANSWER)
    assert sum(counts.all for counts in costs.parameters.values()) == parameters
    assert costs.parameters[CONNECTOR].trainable == trainable
    rows, above = TEXT + PROMPT, LAYERS - START
    # the prompt is made once a batch
    projections, prompt = 2 * connector[0] * width, 2 * connector[1] * width / batch
    logits = 2 * (ANSWER + 1) * width * VOCABULARY
    forward = {
        ENCODER: vit(*encoder),
        CONNECTOR: projections + prompt,
        BELOW: START * block(rows, width),
        ABOVE: above * block(rows + 1, width),
        LOGITS: logits,
    }
    backward = {
        ENCODER: 0,
        CONNECTOR: projections + 2 * prompt,
        BELOW: START * block(rows, width, attention=2),
        ABOVE: above * block(rows + 1, width, attention=2),
        LOGITS: logits,
    }
    for phase, expected in ((FORWARD, forward), (BACKWARD, backward)):
        assert {part: costs.flops('training', part=part, phase=phase) / batch for part in expected} == expected

    question = TEXT - ANSWER + PROMPT
    prefill = START * block(question, width) + above * block(question + 1, width) + 2 * width * VOCABULARY
    assert costs.flops('prefill') == batch * prefill
    token = LAYERS * 2 * 12 * width**2 + 2 * width * VOCABULARY
    token += 4 * width * (START * (question + 1) + above * (question + 2))
    assert costs.flops('first token') == batch * token

    lm = costs.parameters[BELOW].all + costs.parameters[ABOVE].all + costs.parameters[LOGITS].all
    assert costs.memory.weights['bfloat16'] == 2 * lm
    assert costs.memory.gradients == 4 * trainable and costs.memory.optimizer == 8 * trainable
    assert costs.memory.cache_per_token == LAYERS * 2 * width * 2


def test_the_document_shows_what_the_tool_prints():
    document = (ROOT / 'docs' / 'costs.md').read_text(encoding='utf-8')
    costs, runs = {}, {}
    for name in ('opt2.7b_vqa', 'opt6.7b_vit_l_vqa'):
        costs[name], config = published(name)
        runs[name] = estimate_config(costs[name], config, 'a100', samples=443_757)
    assert compare_costs(costs, runs).split('\n\n')[0] in document
