"""MAPL's mapping network (arXiv 2210.07179, section 3.2, with the sizes of its released code)."""

from pathlib import Path
from typing import Annotated

from annotated_types import Ge
from torch import Tensor, nn

from ..encoders.perception import Perception
from ..registry import CONNECTORS
from .base import Connector, scale_start
from .reading import levels_of
from .transformer import QueryMapper, check_heads


@CONNECTORS.register_module()
class MaplMapper(Connector):
    """The deepest level's tokens and learned constants through a narrow transformer; what the constants become, projected to H.

    Pre-norm layers with ReLU and a feed-forward width of twice the inner one, no norm after the last.

    Args:
        widths: D of each level; given by the encoder.
        hidden_size: H; given by the language model.
        tokens: learned constants, and so T.
        width: the inner width, much below D and H.
        layers: transformer layers.
        heads: of their attention.
        attention: 'auto' | 'xformers' | 'sdpa' | 'eager'.
        init_scale: factor on PyTorch's default initialisation of the projection to H.
    """

    reads = 'levels'

    def __init__(
        self,
        widths: list[int],
        hidden_size: int,
        tokens: Annotated[int, Ge(1)] = 32,
        width: Annotated[int, Ge(1)] = 256,
        layers: Annotated[int, Ge(1)] = 4,
        heads: Annotated[int, Ge(1)] = 8,
        attention: str = 'auto',
        init_scale: float = 1.0,
    ):
        super().__init__()
        check_heads('MaplMapper', width, heads, attention)
        self.num_sources, self.tokens_per_source = 1, tokens
        self.enter = nn.Linear(widths[-1], width)
        self.mapper = QueryMapper(
            width, tokens, layers, heads, ratio=2, activation='relu', norm_first=True, backend=attention
        )
        self.leave = nn.Linear(width, hidden_size)
        scale_start(self.leave, init_scale)

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict:
        """For dry runs: a narrow inner width and a few tokens."""
        return {**arguments, 'width': 16, 'heads': 2, 'tokens': min(arguments.get('tokens', 32), 3)}

    def forward(self, perception: Perception) -> Tensor:
        """Perceptual tokens ``[B, 1, T, H]``."""
        return self.leave(self.mapper(self.enter(levels_of(perception)[-1])))[:, None]
