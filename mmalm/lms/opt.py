"""OPT: learned absolute positions, pre-norm or post-norm (350M), token embeddings narrower than the model (350M)."""

from torch import Tensor, nn
from transformers import PreTrainedModel

from ..injection import Anatomy, Block
from .kinds import anatomist, running_attention


@anatomist('opt')
def opt(model: PreTrainedModel) -> Anatomy:
    """Anatomy of an ``OPTForCausalLM``."""
    decoder = model.model.decoder
    return Anatomy(
        decoder=decoder,
        layers=decoder.layers,
        token_embedding=decoder.embed_tokens,
        position_embedding=decoder.embed_positions,
        max_positions=model.config.max_position_embeddings,
        rotary=None,
        window=lambda layer: None,
        positions=_positions,
        attention=running_attention(model.config),
        blocks=_blocks,
    )


def _blocks(layer: nn.Module) -> dict[str, Block]:
    # there is no module around the two linear maps
    return {'attention': Block(layer.self_attn, layer.self_attn), 'mlp': Block(layer.fc1, layer.fc2)}


def _positions(mask: Tensor) -> Tensor:
    # OPT keeps a row of its position table for padding: position -1
    return mask.long().cumsum(-1) * mask.long() - 1
