"""Bottleneck adapters of MAGMA (arXiv 2112.05253), which the code released with eP-ALM (arXiv 2303.11403) took over.

Legend: H LM width.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import torch
from annotated_types import Ge, Gt
from torch import Tensor, nn

from ..errors import ConfigError, check_choice
from ..injection import Opened
from ..registry import TUNERS
from .layer_range import layer_range

KINDS = ('normal', 'parallel', 'scaled_parallel')
PLACES = ('attention', 'mlp', 'cross_attention')
STACKS = ('encoder', 'decoder')
INITS = ('clipped', 'normal', 'xavier', 'identity')
ACTIVATIONS = {'relu': nn.ReLU, 'gelu': nn.GELU, 'silu': nn.SiLU, 'tanh': nn.Tanh}


@TUNERS.register_module()
class BottleneckAdapter(nn.Module):
    """A small MLP beside or after one block of each layer: H -> H / reduction -> H, added to what leaves the block.

    With x what enters a block and y what leaves it, before the residual sum, y becomes ``y + A(y)`` ('normal'), ``y + A(x)``
    ('parallel') or ``y + s A(x)`` with a learned scalar s, 1 at the start ('scaled_parallel'). The language model's own modules
    stay as they are: the adapter is put on while an injection is open.

    Args:
        place: 'attention', 'mlp', or in an encoder-decoder's decoder 'cross_attention'.
        hidden_size: H; given by the language model.
        num_layers: its depth; given by the language model.
        kind: see above.
        reduction: H over the width of the bottleneck.
        activation: of the bottleneck; ReLU as published.
        layer_norm: a LayerNorm in front of it.
        layers: first layer, and one past the last, that has one; all unless told.
        init_std: standard deviation, where something is drawn from a normal distribution.
        init: 'clipped': weights and biases are normal, clipped at twice their deviation, so that the language model is nearly
            itself at the start (MAGMA). 'normal': weights are normal, biases 0 (DVP in BERT and T5, ``init_std=0.01``). 'xavier':
            weights are Xavier-uniform, biases 0 (DVP in LLaMA; far from the identity). 'identity': PyTorch's default, but for 0
            in the second map: exactly the language model itself at the start.
        stack: of an encoder-decoder the stack whose layers have it, 'encoder' or 'decoder'; that of injection unless told.
        depths: depth of every stack; given by the language model.
    """

    def __init__(
        self,
        place: Literal['attention', 'mlp', 'cross_attention'],
        hidden_size: int,
        num_layers: int,
        kind: Literal['normal', 'parallel', 'scaled_parallel'] = 'normal',
        reduction: Annotated[int, Ge(1)] = 4,
        activation: Literal['relu', 'gelu', 'silu', 'tanh'] = 'relu',
        layer_norm: bool = False,
        layers: tuple[int, int] | None = None,
        init_std: Annotated[float, Gt(0)] = 1e-3,
        init: Literal['clipped', 'normal', 'xavier', 'identity'] = 'clipped',
        stack: Literal['encoder', 'decoder'] | None = None,
        depths: Mapping | None = None,
    ):
        super().__init__()
        for name, value, known in (
            ('place', place, PLACES),
            ('kind', kind, KINDS),
            ('activation', activation, ACTIVATIONS),
            ('init', init, INITS),
        ):
            check_choice('BottleneckAdapter', name, value, tuple(known))
        if not 1 <= reduction <= hidden_size:
            raise ConfigError(
                f'BottleneckAdapter(reduction={reduction}): the bottleneck of a language model of width {hidden_size} would be '
                f'{hidden_size / reduction:g} wide; choose 1 to {hidden_size}.'
            )
        self.place, self.stack = place, own_stack(stack, depths)
        depth = num_layers if self.stack is None else depths[self.stack]
        first, end = layer_range('BottleneckAdapter', layers, depth)
        self.layers = nn.ModuleDict(
            {
                str(layer): Bottleneck(
                    hidden_size, hidden_size // reduction, kind, activation, layer_norm, init_std, init
                )
                for layer in range(first, end)
            }
        )

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict:
        """For dry runs: no narrower than a narrow language model allows."""
        return {**arguments, 'reduction': min(arguments.get('reduction', 4), 8)}

    def at(self, layer: int) -> Opened | None:
        """Around a pass of a layer: what leaves its block is changed."""
        if str(layer) not in self.layers:
            return None
        return lambda blocks: blocks[self.place].changed(self.layers[str(layer)])


class Bottleneck(nn.Module):
    """The adapter of one block; see :class:`BottleneckAdapter`."""

    def __init__(
        self,
        width: int,
        bottleneck: int,
        kind: str,
        activation: str,
        layer_norm: bool,
        init_std: float,
        init: str,
    ):
        super().__init__()
        self.parallel = kind != 'normal'
        self.norm = nn.LayerNorm(width) if layer_norm else None
        self.down = nn.Linear(width, bottleneck)
        self.activation = ACTIVATIONS[activation]()
        self.up = nn.Linear(bottleneck, width)
        self.scale = nn.Parameter(torch.ones(1)) if kind == 'scaled_parallel' else None
        begin(init, init_std, self.down, self.up)

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


def begin(init: str, std: float, down: nn.Linear, up: nn.Linear) -> None:
    """Draw the maps of a bottleneck; see :class:`BottleneckAdapter`."""
    if init == 'identity':
        nn.init.zeros_(up.weight)
        nn.init.zeros_(up.bias)
        return
    for weight in (down.weight, up.weight):
        if init == 'xavier':
            nn.init.xavier_uniform_(weight)
        else:
            nn.init.normal_(weight, std=std)
    for bias in (down.bias, up.bias):
        nn.init.normal_(bias, std=std) if init == 'clipped' else nn.init.zeros_(bias)
    if init == 'clipped':
        for parameter in (*down.parameters(), *up.parameters()):
            parameter.data.clamp_(-2 * std, 2 * std)


def own_stack(stack: str | None, depths: Mapping | None) -> str | None:
    """The stack as the language model's anatomy knows it: None for the one that tokens are injected into.

    Raises:
        ConfigError: a language model of one stack.
    """
    if stack is None:
        return None
    check_choice('BottleneckAdapter', 'stack', stack, STACKS)
    beside = [name for name in depths or {} if name is not None]
    if not beside:
        raise ConfigError(f'BottleneckAdapter(stack={stack!r}): the language model has one stack; leave stack out.')
    return stack if stack in beside else None
