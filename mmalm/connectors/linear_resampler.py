"""Neighbouring patches laid end to end and projected: DePALM's R-linear (arXiv 2403.13499)."""

from pathlib import Path
from typing import Annotated

from annotated_types import Ge
from torch import Tensor, nn

from ..encoders.layout import TokenLayout
from ..registry import CONNECTORS
from .reading import count_groups, in_groups
from .resampler import PatchResampler


@CONNECTORS.register_module()
class LinearResampler(PatchResampler):
    """One linear map with bias from ``reduction`` neighbouring patches to a token: a convolution whose stride is its size.

    Args:
        widths, hidden_size, layout: given by the models around it.
        reduction: patches to a token: a square number where patches lie on a grid.
        width: W, the inner width; H unless told, as released.
        init_scale: factor on PyTorch's default initialisation of the projection to H.
    """

    def __init__(
        self,
        widths: list[int],
        hidden_size: int,
        layout: TokenLayout,
        reduction: Annotated[int, Ge(1)] = 4,
        width: Annotated[int, Ge(1)] | None = None,
        init_scale: float = 1.0,
    ):
        groups = count_groups(layout, reduction)
        width = hidden_size if width is None else width
        super().__init__(widths, hidden_size, layout, groups, width, init_scale)
        self.reduction = reduction
        self.mix = nn.Linear(reduction * width, width)

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict:
        """For dry runs: groups of one, which any picture has."""
        return {**arguments, 'reduction': 1}

    def resample(self, patches: Tensor) -> Tensor:
        return self.mix(in_groups(patches, self.layout, self.reduction).flatten(2))
