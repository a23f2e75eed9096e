"""A connector whose pictures are let in by a learned gate.

Legend: B batch, K levels, D encoder width, S sources, T tokens per source, H LM width.
"""

import torch
from torch import Tensor, nn

from mmalm.connectors import Connector
from mmalm.encoders.perception import Perception
from mmalm.errors import ConfigError
from mmalm.registry import CONNECTORS


@CONNECTORS.register_module()
class GatedConnector(Connector):
    """One token a level: a learned vector, plus the level's projection times the tanh of a learned gate.

    With the gate shut, at 0, a token says nothing of the picture, and training begins as it would with a soft prompt alone;
    the gate opens as far as the picture helps (after Flamingo's tanh gating, arXiv 2204.14198, section 3.2).

    Args:
        widths: D of each level, shallow to deep; given by the encoder.
        hidden_size: H; given by the language model.
        gate: where the gates start, before the tanh.
    """

    def __init__(self, widths: list[int], hidden_size: int, gate: float = 0.0):
        super().__init__()
        if not -10 <= gate <= 10:
            raise ConfigError(f'GatedConnector: gate={gate} cannot be moved: its tanh is flat. Choose from -2 to 2.')
        self.num_sources = len(widths)
        self.projections = nn.ModuleList(nn.Linear(width, hidden_size) for width in widths)
        self.tokens = nn.Parameter(0.02 * torch.randn(len(widths), hidden_size))
        self.gates = nn.Parameter(torch.full((len(widths),), float(gate)))

    def forward(self, perception: Perception) -> Tensor:
        """Perceptual tokens ``[B, S = K, T = 1, H]``."""
        levels = perception.cls if isinstance(perception.cls, list) else perception.cls.unbind(1)
        seen = torch.stack([project(level) for project, level in zip(self.projections, levels, strict=True)], dim=1)
        return (self.tokens + self.gates.tanh()[:, None] * seen).unsqueeze(2)
