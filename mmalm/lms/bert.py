"""BERT and RoBERTa (and with them MiniLM and sentence-transformers built on either): encoders with learned absolute positions."""

from torch import Tensor, nn
from transformers import PreTrainedModel

from ..injection import Anatomy, Block
from .gpt2 import count_real
from .kinds import anatomist, running_attention


@anatomist('bert', kind='encoder')
def bert(model: PreTrainedModel) -> Anatomy:
    """Anatomy of a ``BertModel``."""
    return _encoder(model, first_position=0)


@anatomist('roberta', kind='encoder')
def roberta(model: PreTrainedModel) -> Anatomy:
    """Anatomy of a ``RobertaModel``, whose position table has rows for padding before the first position."""
    return _encoder(model, first_position=model.config.pad_token_id + 1)


def _encoder(model: PreTrainedModel, first_position: int) -> Anatomy:
    def positions(mask: Tensor) -> Tensor:
        return first_position + count_real(mask)

    return Anatomy(
        decoder=model,
        layers=model.encoder.layer,
        token_embedding=model.embeddings.word_embeddings,
        position_embedding=model.embeddings.position_embeddings,
        max_positions=model.config.max_position_embeddings - first_position,
        rotary=None,
        window=lambda layer: None,
        positions=positions,
        attention=running_attention(model.config),
        blocks=_blocks,
        causal=False,
    )


def _blocks(layer: nn.Module) -> dict[str, Block]:
    # the residual sum and its LayerNorm stand in the same module as the last linear map; dropout is what comes right before them
    return {
        'attention': Block(layer.attention, layer.attention.output.dropout),
        'mlp': Block(layer.intermediate, layer.output.dropout),
    }
