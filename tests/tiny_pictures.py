"""A data set of a few random pictures, and a tiny encoder for it."""

import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Dataset

from mmalm.encoders import TransformersEncoder
from mmalm.errors import MissingDataError

VIT = dict(model_type='vit', hidden_size=8, num_hidden_layers=3, num_attention_heads=2, intermediate_size=8)
VIT |= dict(image_size=16, patch_size=8)


def draw_pictures(folder: Path, count: int) -> Path:
    """``count`` random pictures as files."""
    folder.mkdir()
    generator = np.random.default_rng(0)
    for number in range(count):
        pixels = generator.integers(0, 256, (20, 24, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f'{number:02}.png')
    return folder


def tiny_encoder(seed: int = 0, **arguments) -> TransformersEncoder:
    torch.manual_seed(seed)
    return TransformersEncoder(config=VIT, **{'levels': 2, **arguments})


class TinyPictures(Dataset):
    """Two questions a picture."""

    def __init__(self, folder: Path, transform, delay: float = 0.0) -> None:
        self.folder, self.transform, self.delay = Path(folder), transform, delay
        self.media = sorted(path.name for path in self.folder.iterdir())
        self.decoded: list[str] = []

    def media_path(self, key: str) -> Path:
        return self.folder / key

    def load_media(self, key: str) -> Image.Image:
        time.sleep(self.delay)
        self.decoded.append(key)
        try:
            return Image.open(self.media_path(key)).convert('RGB')
        except OSError as error:
            raise MissingDataError(f'{key}: {error}') from error

    def __len__(self) -> int:
        return 2 * len(self.media)

    def __getitem__(self, index: int) -> dict:
        key = self.media[index // 2]
        text = dict(task='kind', question=f'q{index % 2}', answer='a', answers=[])
        return {'id': str(index), 'media': key, 'pixels': self.transform(self.load_media(key)), **text}
