"""Some patches at random in training, all of them afterwards: DePALM's R-rand (arXiv 2403.13499)."""

from typing import Annotated, Literal

import torch
from annotated_types import Gt, Le
from torch import Tensor

from ..encoders.layout import TokenLayout
from ..errors import check_choice
from ..registry import CONNECTORS
from .resampler import PatchResampler

EVALUATE = ('all', 'spread')


@CONNECTORS.register_module()
class RandomPatches(PatchResampler):
    """A share of the patches, drawn anew for every sample of every training step, in their order.

    The draw is torch's global generator's, which a run seeds. In evaluation nothing is drawn, and a sample's patches do not depend
    on its batch: all of them as released, or as many as in training, evenly spread.

    Args:
        widths, hidden_size, layout: given by the models around it.
        share: of the patches, in training; at least one.
        evaluate: 'all', or 'spread' for as many as in training.
        width: W, the inner width; ``None`` for D without a projection, as released.
        init_scale: factor on PyTorch's default initialisation of the projection to H.
    """

    def __init__(
        self,
        widths: list[int],
        hidden_size: int,
        layout: TokenLayout,
        share: Annotated[float, Gt(0), Le(1)] = 0.25,
        evaluate: Literal['all', 'spread'] = 'all',
        width: int | None = None,
        init_scale: float = 1.0,
    ):
        check_choice('RandomPatches', 'evaluate', evaluate, EVALUATE)
        super().__init__(widths, hidden_size, layout, max(1, round(share * layout.patches)), width, init_scale)
        self.evaluate = evaluate

    @property
    def tokens_per_source(self) -> int:
        """T: another one in training than in evaluation where that sees all patches."""
        return 1 + (self.left if self.training or self.evaluate == 'spread' else self.layout.patches)

    def resample(self, patches: Tensor) -> Tensor:
        batch, count, width = patches.shape
        if self.training:
            drawn = torch.rand(batch, count, device=patches.device).argsort(1)[:, : self.left].sort(1).values
        elif self.evaluate == 'all':
            return patches
        else:
            # the middle of each of so many equal stretches
            drawn = (2 * torch.arange(self.left, device=patches.device) + 1) * count // (2 * self.left)
            drawn = drawn.expand(batch, -1)
        return patches.gather(1, drawn[:, :, None].expand(-1, -1, width))
