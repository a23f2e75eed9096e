"""The feature cache at DINOv2 ViT-S's size: reading features, beside computing them with and without writing them down."""

from pathlib import Path

import pytest
import torch
from tiny_pictures import TinyPictures, draw_pictures

from mmalm.datasets import FeatureCache
from mmalm.datasets.transforms import ImageTransform
from mmalm.encoders import TransformersEncoder

COUNT = 16
DINOV2_SMALL = dict(
    model_type='dinov2',
    hidden_size=384,
    num_hidden_layers=12,
    num_attention_heads=6,
    image_size=224,
    patch_size=14,
)


@pytest.fixture(scope='module')
def encoder() -> TransformersEncoder:
    torch.manual_seed(0)
    return TransformersEncoder(config=DINOV2_SMALL, levels=6).requires_grad_(False).eval()


@pytest.fixture(scope='module')
def dataset(encoder: TransformersEncoder, tmp_path_factory: pytest.TempPathFactory) -> TinyPictures:
    folder = draw_pictures(tmp_path_factory.mktemp('pictures') / 'drawn', COUNT)
    return TinyPictures(folder, ImageTransform(encoder.preprocessing))


@pytest.mark.benchmark(group=f'features of {COUNT} pictures, ViT-S/14 at 224')
@pytest.mark.parametrize('way', ['read from the cache', 'computed and written', 'computed'])
def test_features(benchmark, encoder: TransformersEncoder, dataset: TinyPictures, tmp_path: Path, way: str) -> None:
    caches = []

    def new_cache() -> None:
        caches.append(FeatureCache(tmp_path / str(len(caches)), encoder, dataset.transform))

    def write() -> int:
        return caches[-1].fill(dataset, batch_size=COUNT, progress=False)

    def read() -> torch.Tensor:
        cache = caches[0]
        return torch.stack([cache.features(cache.media_key(dataset, key)) for key in dataset.media])

    @torch.no_grad()
    def compute() -> torch.Tensor:
        return encoder(torch.stack([dataset.transform(dataset.load_media(key)) for key in dataset.media])).cls

    if way == 'read from the cache':
        new_cache()
        write()
        features = benchmark.pedantic(read, rounds=20, warmup_rounds=1)
        assert torch.allclose(features, compute(), atol=1e-4)
    elif way == 'computed':
        assert benchmark.pedantic(compute, rounds=3, warmup_rounds=1).shape == (COUNT, 6, 384)
    else:
        assert benchmark.pedantic(write, setup=new_cache, rounds=3, warmup_rounds=1) == COUNT
