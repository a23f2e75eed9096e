"""The LLaMA family (LLaMA, SmolLM2, Mistral, Qwen2, Qwen3): rotary positions, grouped keys, sliding windows in some layers."""

from collections.abc import Callable

from transformers import PretrainedConfig, PreTrainedModel

from ..errors import ConfigError
from ..injection import Anatomy, Block
from .gpt2 import count_real
from .kinds import anatomist, running_attention

# rotary types whose angles depend on the length of the batch: a sample's result would depend on its neighbours
LENGTH_DEPENDENT_ROTARY = ('dynamic', 'longrope')


@anatomist('llama', 'mistral', 'qwen2', 'qwen3')
def llama(model: PreTrainedModel) -> Anatomy:
    """Anatomy of a ``LlamaForCausalLM`` or a model built like it."""
    decoder = model.model
    rotary_type = getattr(decoder.rotary_emb, 'rope_type', 'default')
    if rotary_type in LENGTH_DEPENDENT_ROTARY:
        raise ConfigError(
            f'this model scales its rotary positions by the length of the batch (rope type {rotary_type!r}), which would make '
            'a sample depend on its neighbours; set rope_parameters to a fixed type such as "default", "linear" or "yarn".'
        )
    return Anatomy(
        decoder=decoder,
        layers=decoder.layers,
        token_embedding=decoder.embed_tokens,
        position_embedding=None,
        max_positions=None,
        rotary=lambda hidden, positions: decoder.rotary_emb(hidden, position_ids=positions),
        window=_window(model.config),
        positions=count_real,
        attention=running_attention(model.config),
        blocks=lambda layer: {'attention': Block(layer.self_attn, layer.self_attn), 'mlp': Block(layer.mlp, layer.mlp)},
    )


def _window(config: PretrainedConfig) -> Callable[[int], int | None]:
    types = getattr(config, 'layer_types', None)
    size = getattr(config, 'sliding_window', None)

    def window(layer: int) -> int | None:
        if types is not None and types[layer] != 'sliding_attention':
            return None
        return size

    return window
