"""What DePALM's resamplers share (arXiv 2403.13499 and its released code): fewer patches, a summary token, a projection."""

from abc import abstractmethod

import torch
from torch import Tensor, nn

from ..encoders.layout import TokenLayout
from ..encoders.perception import Perception
from .base import Connector, scale_start
from .reading import summary_and_patches

EPSILON = 1e-4


class PatchResampler(Connector):
    """The summary token and what :meth:`resample` leaves of the patches of the deepest level: one source.

    Both are projected to the inner width, the patches resampled, all normed (RMSNorm) and projected to H.

    Args:
        widths: D of each level; given by the encoder.
        hidden_size: H; given by the language model.
        layout: how the level's tokens lie; given by the encoder.
        patches: n', patches that are left.
        width: W, the inner width; ``None`` for D without a projection.
        init_scale: factor on PyTorch's default initialisation of the projection to H.
    """

    reads = 'levels'

    def __init__(
        self,
        widths: list[int],
        hidden_size: int,
        layout: TokenLayout,
        patches: int,
        width: int | None,
        init_scale: float = 1.0,
    ):
        super().__init__()
        self.num_sources, self.layout, self.left = 1, layout, patches
        self.enter = nn.Identity() if width is None else nn.Linear(widths[-1], width)
        width = widths[-1] if width is None else width
        self.norm = nn.RMSNorm(width, eps=EPSILON)
        self.leave = nn.Linear(width, hidden_size)
        scale_start(self.leave, init_scale)

    @property
    def tokens_per_source(self) -> int:
        """T = 1 + n'."""
        return 1 + self.left

    @abstractmethod
    def resample(self, patches: Tensor) -> Tensor:
        """Patches ``[B, n, W]`` as ``[B, n', W]``."""

    def forward(self, perception: Perception) -> Tensor:
        """Perceptual tokens ``[B, 1, 1 + n', H]``, the summary token first."""
        summary, patches = summary_and_patches(perception, self.layout)
        tokens = torch.cat([self.enter(summary), self.resample(self.enter(patches))], dim=1)
        return self.leave(self.norm(tokens))[:, None]
