"""T5: an encoder and a decoder whose first layers hold a bias by relative position, which all their layers use."""

from typing import Literal

from torch import Tensor, nn
from transformers import PreTrainedModel

from ..injection import Anatomy, Block
from .gpt2 import count_real
from .kinds import anatomist, running_attention


@anatomist('t5', kind='encoder-decoder')
def t5(model: PreTrainedModel, stack: Literal['encoder', 'decoder'] = 'decoder') -> Anatomy:
    """Anatomy of one stack of a ``T5Model``, the other one beside it."""
    stacks = {'encoder': model.encoder, 'decoder': model.decoder}
    chosen = stacks.pop(stack)
    owner = chosen.block[0].layer[0].SelfAttention

    def relative_bias(first: int, last: int) -> Tensor:
        # one query with -first keys before it and last behind it, itself between them
        return owner.compute_bias(1, last - first + 1, past_seen_tokens=-first)[0, :, 0]

    return Anatomy(
        decoder=chosen,
        layers=chosen.block,
        token_embedding=chosen.embed_tokens,
        position_embedding=None,
        max_positions=None,
        rotary=None,
        window=lambda layer: None,
        positions=count_real,
        attention=running_attention(chosen.config),
        blocks=_blocks,
        causal=stack == 'decoder',
        relative_bias=relative_bias,
        # where attention is transformers' own loop over biases, layers that are handed one take the mask to be in it
        bias_holds_mask=not model._supports_sdpa,
        reader=model.decoder if stack == 'encoder' else None,
        beside={name: other.block for name, other in stacks.items()},
    )


def _blocks(layer: nn.Module) -> dict[str, Block]:
    parts = {'attention': layer.layer[0].SelfAttention}
    if layer.is_decoder:
        parts['cross_attention'] = layer.layer[1].EncDecAttention
    parts['mlp'] = layer.layer[-1].DenseReluDense
    return {place: Block(part, part) for place, part in parts.items()}
