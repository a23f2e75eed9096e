"""A training step of the quickstart with and without the feature cache (needs the fetched models)."""

import pytest
import torch

from mmalm.config import load_config, plain
from mmalm.registry import MODELS
from mmalm.zoo.store import read_manifest

NEEDED = ('smollm2-135m-instruct', 'dinov2-small')
pytestmark = pytest.mark.skipif(any(read_manifest(name) is None for name in NEEDED), reason='python tools/zoo.py fetch')
BATCH = 16


@pytest.fixture(scope='module')
def model():
    config = plain(load_config('configs/quickstart/epalm_smollm2_stamps.py'))
    torch.manual_seed(0)
    return MODELS.build(config['model'], key='model').train()


@pytest.mark.benchmark(group='one training step of the quickstart, batch 16')
@pytest.mark.parametrize('way', ['cached features', 'pictures'])
def test_step(benchmark, model, way: str) -> None:
    batch = {
        'question': ['What kind of thing is this?'] * BATCH,
        'answer': ['animal', 'holiday decoration'] * (BATCH // 2),
    }
    pixels = torch.randn(BATCH, 3, 224, 224)
    batch |= {'features': model.encoder(pixels).cls} if way == 'cached features' else {'pixels': pixels}

    def step() -> torch.Tensor:
        model.zero_grad()
        loss = model.loss(batch)['loss']
        loss.backward()
        return loss

    assert benchmark.pedantic(step, rounds=5, warmup_rounds=1).isfinite()
