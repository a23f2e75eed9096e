"""Pictures from disk to batches: VQA v2's JPEGs in this process and in two workers, beside the stamps' PNGs and SVGs.

An epoch of 96 pictures of 640 x 480, one question each, resized to 224; workers are started before the clock.
"""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from torch.utils.data import Subset
from vqa_fixture import official, write_vqa

from mmalm.datasets import StampsDataset, VQAv2Dataset
from mmalm.encoders.preprocessing import Preprocessing
from mmalm.engine.data import make_loader
from mmalm.zoo.store import read_manifest

COUNT, SUBSET = 96, 'train2014'
PREPROCESSING = Preprocessing(size=224, mean=(0.5,) * 3, std=(0.5,) * 3)


@pytest.fixture(scope='module')
def vqa(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A subset of smooth pictures, compressed as photographs are."""
    root = tmp_path_factory.mktemp('vqa')
    patterns = official(SUBSET)
    contents = []
    for content, key in zip(patterns, ('questions', 'annotations'), strict=True):
        entries = [
            {**content[key][i % 3], 'image_id': i + 1, 'question_id': 1000 * (i + 1) + i % 3} for i in range(COUNT)
        ]
        contents.append({**content, key: entries})
    write_vqa(root, SUBSET, *contents)
    generator = np.random.default_rng(0)
    for i in range(COUNT):
        coarse = Image.fromarray(generator.integers(0, 256, (48, 64, 3), dtype=np.uint8))
        coarse.resize((640, 480), Image.Resampling.BICUBIC).save(root / SUBSET / f'COCO_{SUBSET}_{i + 1:012d}.jpg')
    return root


@pytest.mark.benchmark(group=f'loading {COUNT} pictures')
@pytest.mark.parametrize(
    'way', ['VQA v2, 2 workers', 'VQA v2, this process', 'stamps, 2 workers', 'stamps, this process']
)
def test_epoch(benchmark, vqa: Path, way: str) -> None:
    if way.startswith('stamps'):
        if read_manifest('tuxpaint-stamps') is None:
            pytest.skip('python tools/zoo.py fetch')
        dataset = Subset(StampsDataset('train', preprocessing=PREPROCESSING), range(COUNT))
    else:
        dataset = VQAv2Dataset('train', root=vqa, preprocessing=PREPROCESSING)
    workers = 2 if '2 workers' in way else 0
    loader = make_loader(dataset, batch_size=16, num_workers=workers, persistent_workers=workers > 0)

    def epoch() -> int:
        return sum(len(batch['id']) for batch in loader)

    assert benchmark.pedantic(epoch, rounds=5, warmup_rounds=1) == COUNT
