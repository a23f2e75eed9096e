"""What connectors are given in tests: a perception of random features, and how its tokens lie."""

import torch

from mmalm.encoders import Perception, TokenLayout
from mmalm.registry import CONNECTORS

D, H = 4, 6
LAYOUT = TokenLayout(count=17, prefix=1, grid=(4, 4))


def perception(batch: int = 3, levels: int = 2, layout: TokenLayout = LAYOUT, seed: int = 0) -> Perception:
    """Random levels ``[B, N, D]``, whose first token is the summary."""
    torch.manual_seed(seed)
    tokens = [torch.randn(batch, layout.count, D) for _ in range(levels)]
    return Perception(torch.stack([level[:, 0] for level in tokens], 1), tokens)


def build(kind: str, levels: int = 2, layout: TokenLayout = LAYOUT, **options) -> torch.nn.Module:
    """A connector for it."""
    torch.manual_seed(1)
    context = dict(widths=[D] * levels, hidden_size=H, layout=layout)
    return CONNECTORS.build({'type': kind, **options}, **context).eval()


def parameters(module: torch.nn.Module) -> int:
    """How many it has."""
    return sum(p.numel() for p in module.parameters())


def check_alone(connector: torch.nn.Module, seen: Perception) -> None:
    """In evaluation a sample's tokens are the same whatever stands beside it."""
    whole = connector(seen)
    for row in range(seen.batch_size):
        torch.testing.assert_close(connector(seen.select(torch.tensor([row]))), whole[row : row + 1])
