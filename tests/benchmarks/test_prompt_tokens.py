"""A training step with DVP's one prompt token, and with all visual tokens in front of the text (needs the fetched models)."""

import pytest
import torch

from mmalm.config import load_config, plain
from mmalm.registry import MODELS
from mmalm.zoo.store import read_manifest

BATCH = 16
NEEDED = {'minilm': 'minilm-l6', 'smollm2': 'smollm2-135m-instruct'}
WAYS = {
    'one prompt': 'configs/quickstart/dvp_{}_stamps.py',
    'all tokens': 'configs/quickstart/comparison/dvp/{}_all_tokens.py',
}


@pytest.mark.parametrize('lm', NEEDED)
@pytest.mark.parametrize('way', WAYS)
def test_step(benchmark, lm: str, way: str) -> None:
    benchmark.group = f'one training step of {lm} with visual prompts at layer 0, batch 16, cached features'
    if any(read_manifest(name) is None for name in ('dinov2-small', NEEDED[lm])):
        pytest.skip('python tools/zoo.py fetch')
    config = plain(load_config(WAYS[way].format(lm)))['model']
    config['schedule'] = {'type': 'SingleLayer', 'layer': 0}
    torch.manual_seed(0)
    model = MODELS.build(config, key='model').train()
    size = config['encoder']['image_size']
    perceived = model.perceive({'pixels': torch.randn(BATCH, 3, size, size)})
    batch = {
        'features': perceived.to_features(model.reads_of(model.modality)),
        'question': ['What kind of thing is this?', 'Is this a vehicle?'] * (BATCH // 2),
        'answer': ['animal', 'no'] * (BATCH // 2),
    }

    def step() -> torch.Tensor:
        model.zero_grad()
        loss = model.loss(batch)['loss']
        loss.backward()
        return loss

    assert benchmark.pedantic(step, rounds=5, warmup_rounds=1).isfinite()
