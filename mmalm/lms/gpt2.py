"""GPT-2: learned absolute positions, layers called with positional arguments."""

from torch import Tensor
from transformers import PreTrainedModel

from ..injection import Anatomy, Block
from .kinds import anatomist, running_attention


@anatomist('gpt2')
def gpt2(model: PreTrainedModel) -> Anatomy:
    """Anatomy of a ``GPT2LMHeadModel``."""
    decoder = model.transformer
    return Anatomy(
        decoder=decoder,
        layers=decoder.h,
        token_embedding=decoder.wte,
        position_embedding=decoder.wpe,
        max_positions=model.config.max_position_embeddings,
        rotary=None,
        window=lambda layer: None,
        positions=count_real,
        attention=running_attention(model.config),
        blocks=lambda layer: {'attention': Block(layer.attn, layer.attn), 'mlp': Block(layer.mlp, layer.mlp)},
    )


def count_real(mask: Tensor) -> Tensor:
    """Positions ``[B, L]`` that count real tokens alone; 0 at padding before the text."""
    return (mask.long().cumsum(-1) - 1).clamp(min=0)
