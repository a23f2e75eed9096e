"""What the injector has to know of a language model: where its parts live. Filled in by one small file per kind in ``lms/``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from torch import Tensor, nn

from .block import Block


@dataclass(frozen=True)
class Anatomy:
    """Where the parts of one transformers language model live; the modules are the model's own.

    Attributes:
        decoder: the module whose forward receives ``attention_mask [B, L]`` and ``past_key_values``; of an encoder, the same.
        layers: its layers, in order.
        token_embedding: the module that turns ids into ``[B, L, E]``.
        position_embedding: the learned absolute position table, where positions are added to the tokens; else ``None``.
        max_positions: how many tokens ``position_embedding`` can number; ``None`` where there is no table.
        rotary: ``rotary(hidden, positions [B, L]) -> (cos, sin)`` where positions rotate queries and keys; else ``None``.
        window: the sliding window of a layer in tokens, or ``None`` for full attention.
        positions: position ids ``[B, L]`` from a mask ``[B, L]``, as the model wants them where there is padding.
        attention: which implementation the model runs ('eager', 'sdpa', or the xformers one): the form its masks take.
        blocks: the 'attention' and the 'mlp' of a layer, where adapters are put; 'cross_attention' too where it has one.
        causal: whether a text token sees only what stands before it; in an encoder all see each other.
        relative_bias: ``relative_bias(first, last) -> [h, last - first + 1]``: what attention adds to the scores of h heads by how
            far the key stands behind the query, from ``first`` to ``last``; where layers take a ``position_bias``, else ``None``.
        bias_holds_mask: whether layers that are given a ``position_bias`` look for the mask in it.
        reader: the module that reads the last layer's states, where that is another stack: it reads the perceptual tokens too.
        beside: layers of the model's other stack by its name, which text passes through and nothing is injected into; adapters
            can be put there.
    """

    decoder: nn.Module
    layers: Sequence[nn.Module]
    token_embedding: nn.Module
    position_embedding: nn.Module | None
    max_positions: int | None
    rotary: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]] | None
    window: Callable[[int], int | None]
    positions: Callable[[Tensor], Tensor]
    attention: Callable[[], str]
    blocks: Callable[[nn.Module], Mapping[str, Block]]
    causal: bool = True
    relative_bias: Callable[[int, int], Tensor] | None = None
    bias_holds_mask: bool = False
    reader: nn.Module | None = None
    beside: Mapping[str, Sequence[nn.Module]] = field(default_factory=dict)
