"""The linear connectors of eP-ALM: one token a level (arXiv 2303.11403, section 3)."""

import torch
from torch import Tensor, nn

from ..encoders.perception import Perception
from ..errors import ConfigError
from ..registry import CONNECTORS
from .base import Connector, scale_start


@CONNECTORS.register_module()
class LinearConnector(Connector):
    """One linear projection with bias for each level's CLS token, or one for all.

    Connector j belongs to the j-th shallowest level.

    Args:
        widths: D of each level, shallow to deep; given by the encoder.
        hidden_size: H; given by the language model.
        shared: one projection for all levels.
        init_scale: factor on PyTorch's default weight initialisation; below 1 starts the perceptual tokens small, which
            disturbs the frozen model less at first.
    """

    def __init__(self, widths: list[int], hidden_size: int, shared: bool = False, init_scale: float = 1.0):
        super().__init__()
        if shared and len(set(widths)) > 1:
            raise ConfigError(f'shared=True needs levels of equal width, found {widths}; use shared=False.')
        self.num_sources = len(widths)
        self.shared = shared
        self.projections = nn.ModuleList(nn.Linear(width, hidden_size) for width in (widths[:1] if shared else widths))
        scale_start(self.projections, init_scale)

    def forward(self, perception: Perception) -> Tensor:
        """Perceptual tokens ``[B, K, 1, H]``."""
        levels = perception.cls if isinstance(perception.cls, list) else perception.cls.unbind(1)
        if len(levels) != self.num_sources:
            raise ConfigError(f'the connector was made for {self.num_sources} levels, the features have {len(levels)}.')
        projected = [self.projections[0 if self.shared else j](level) for j, level in enumerate(levels)]
        return torch.stack(projected, dim=1)[:, :, None]
