"""Bottleneck adapters of MAGMA (arXiv 2112.05253), which the code released with eP-ALM (arXiv 2303.11403) took over.

Legend: H LM width.
"""

from typing import Annotated, Literal

import torch
from annotated_types import Ge, Gt
from torch import Tensor, nn

from ..errors import ConfigError, check_choice
from ..injection import Opened
from ..registry import TUNERS
from .layer_range import layer_range

KINDS = ('normal', 'parallel', 'scaled_parallel')
PLACES = ('attention', 'mlp')
ACTIVATIONS = {'relu': nn.ReLU, 'gelu': nn.GELU, 'silu': nn.SiLU, 'tanh': nn.Tanh}


@TUNERS.register_module()
class BottleneckAdapter(nn.Module):
    """A small MLP beside or after one block of each layer: H -> H / reduction -> H, added to what leaves the block.

    With x what enters a block and y what leaves it, before the residual sum, y becomes ``y + A(y)`` ('normal'), ``y + A(x)``
    ('parallel') or ``y + s A(x)`` with a learned scalar s, 1 at the start ('scaled_parallel'). The language model's own modules
    stay as they are: the adapter is put on while an injection is open.

    Args:
        place: 'attention' or 'mlp'.
        hidden_size: H; given by the language model.
        num_layers: its depth; given by the language model.
        kind: see above.
        reduction: H over the width of the bottleneck.
        activation: of the bottleneck; ReLU as published.
        layer_norm: a LayerNorm in front of it.
        layers: first layer, and one past the last, that has one; all unless told.
        init_std: weights and biases are drawn from a normal distribution of this deviation, clipped at twice it, so that the
            language model is nearly itself at the start.
    """

    def __init__(
        self,
        place: Literal['attention', 'mlp'],
        hidden_size: int,
        num_layers: int,
        kind: Literal['normal', 'parallel', 'scaled_parallel'] = 'normal',
        reduction: Annotated[int, Ge(1)] = 4,
        activation: Literal['relu', 'gelu', 'silu', 'tanh'] = 'relu',
        layer_norm: bool = False,
        layers: tuple[int, int] | None = None,
        init_std: Annotated[float, Gt(0)] = 1e-3,
    ):
        super().__init__()
        for name, value, known in (
            ('place', place, PLACES),
            ('kind', kind, KINDS),
            ('activation', activation, ACTIVATIONS),
        ):
            check_choice('BottleneckAdapter', name, value, tuple(known))
        if not 1 <= reduction <= hidden_size:
            raise ConfigError(
                f'BottleneckAdapter(reduction={reduction}): the bottleneck of a language model of width {hidden_size} would be '
                f'{hidden_size / reduction:g} wide; choose 1 to {hidden_size}.'
            )
        first, end = layer_range('BottleneckAdapter', layers, num_layers)
        self.place = place
        self.layers = nn.ModuleDict(
            {
                str(layer): Bottleneck(hidden_size, hidden_size // reduction, kind, activation, layer_norm, init_std)
                for layer in range(first, end)
            }
        )

    def at(self, layer: int) -> Opened | None:
        """Around a pass of a layer: what leaves its block is changed."""
        if str(layer) not in self.layers:
            return None
        return lambda blocks: blocks[self.place].changed(self.layers[str(layer)])


class Bottleneck(nn.Module):
    """The adapter of one block; see :class:`BottleneckAdapter`."""

    def __init__(self, width: int, bottleneck: int, kind: str, activation: str, layer_norm: bool, init_std: float):
        super().__init__()
        self.parallel = kind != 'normal'
        self.norm = nn.LayerNorm(width) if layer_norm else None
        self.down = nn.Linear(width, bottleneck)
        self.activation = ACTIVATIONS[activation]()
        self.up = nn.Linear(bottleneck, width)
        self.scale = nn.Parameter(torch.ones(1)) if kind == 'scaled_parallel' else None
        for parameter in (*self.down.parameters(), *self.up.parameters()):
            nn.init.normal_(parameter, std=init_std)
            parameter.data.clamp_(-2 * init_std, 2 * init_std)

    def forward(self, entered: Tensor, left: Tensor) -> Tensor:
        """What leaves the block with its adapter, ``[..., H]`` as both arguments."""
        # the language model may be held in another type than the adapter trains in
        states = (entered if self.parallel else left).to(self.down.weight.dtype)
        if self.norm is not None:
            states = self.norm(states)
        added = self.up(self.activation(self.down(states)))
        if self.scale is not None:
            added = self.scale * added
        return left + added.to(left.dtype)
