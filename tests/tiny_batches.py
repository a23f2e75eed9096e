"""Questions about tiny pictures in one batch, the encoder that sees them, and one that hears."""

import torch

from mmalm.encoders import TransformersEncoder
from mmalm.registry import ENCODERS

VIT = {
    'model_type': 'vit',
    'hidden_size': 16,
    'num_hidden_layers': 4,
    'num_attention_heads': 2,
    'intermediate_size': 32,
}
VIT |= {'image_size': 32, 'patch_size': 16}
STATISTICS = {'mean': [0.5] * 3, 'std': [0.5] * 3, 'size': 32}


@ENCODERS.register_module()
class TinyEar(TransformersEncoder):
    """Sound as a picture of it."""

    modality = 'audio'


def batch(size: int = 3) -> dict:
    questions = ['what is this ?', 'is it a bird ?', 'what kind of thing is this picture ?'][:size]
    return {
        'id': [str(i) for i in range(size)],
        'task': ['kind'] * size,
        'pixels': torch.randn(3, 3, 32, 32, generator=torch.Generator().manual_seed(1))[:size],
        'question': questions,
        'answer': ['red bird', 'yes', 'tree'][:size],
        'answers': [['red bird', 'tree'], ['yes', 'no'], ['tree', 'car', 'fish']][:size],
    }


def only(values: dict, i: int) -> dict:
    return {name: value[i : i + 1] for name, value in values.items()}
