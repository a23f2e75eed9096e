"""Every group of neighbouring patches pooled by learned queries: DePALM's R-QPMapper (arXiv 2403.13499)."""

from pathlib import Path
from typing import Annotated

from annotated_types import Ge, Lt
from torch import Tensor

from ..encoders.layout import TokenLayout
from ..registry import CONNECTORS
from .reading import count_groups, in_groups
from .resampler import PatchResampler
from .transformer import QueryMapper, check_heads


@CONNECTORS.register_module()
class QueryResampler(PatchResampler):
    """One query-pooling mapper (see :class:`~mmalm.connectors.query_pooling.QueryPooling`) over each group by itself.

    Args:
        widths, hidden_size, layout: given by the models around it.
        reduction: patches to a group: a square number where patches lie on a grid.
        tokens: learned queries, tokens to a group.
        width: W, the inner width.
        layers: transformer layers.
        heads: of their attention.
        dropout: in the transformer layers, in training.
        attention: 'auto' | 'xformers' | 'sdpa' | 'eager'.
        init_scale: factor on PyTorch's default initialisation of the projection to H.
    """

    def __init__(
        self,
        widths: list[int],
        hidden_size: int,
        layout: TokenLayout,
        reduction: Annotated[int, Ge(1)] = 4,
        tokens: Annotated[int, Ge(1)] = 1,
        width: Annotated[int, Ge(1)] = 768,
        layers: Annotated[int, Ge(1)] = 4,
        heads: Annotated[int, Ge(1)] = 8,
        dropout: Annotated[float, Ge(0), Lt(1)] = 0.1,
        attention: str = 'auto',
        init_scale: float = 1.0,
    ):
        check_heads('QueryResampler', width, heads, attention)
        super().__init__(widths, hidden_size, layout, tokens * count_groups(layout, reduction), width, init_scale)
        self.reduction = reduction
        self.mapper = QueryMapper(width, tokens, layers, heads, dropout=dropout, backend=attention)

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict:
        """For dry runs: a narrow inner width, and groups of one, which any picture has."""
        return {**arguments, 'width': 16, 'heads': 2, 'reduction': 1}

    def resample(self, patches: Tensor) -> Tensor:
        groups = in_groups(patches, self.layout, self.reduction)
        return self.mapper(groups.flatten(0, 1)).unflatten(0, groups.shape[:2]).flatten(1, 2)
