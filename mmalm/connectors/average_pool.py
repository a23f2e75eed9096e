"""Patches averaged over squares: DePALM's R-avgpool (arXiv 2403.13499)."""

from pathlib import Path
from typing import Annotated

from annotated_types import Ge
from torch import Tensor

from ..encoders.layout import TokenLayout
from ..registry import CONNECTORS
from .reading import count_groups, in_groups
from .resampler import PatchResampler


@CONNECTORS.register_module()
class AveragePool(PatchResampler):
    """The mean of every ``reduction`` neighbouring patches.

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
        super().__init__(widths, hidden_size, layout, groups, hidden_size if width is None else width, init_scale)
        self.reduction = reduction

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict:
        """For dry runs: groups of one, which any picture has."""
        return {**arguments, 'reduction': 1}

    def resample(self, patches: Tensor) -> Tensor:
        return in_groups(patches, self.layout, self.reduction).mean(2)
