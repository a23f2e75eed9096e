"""The soft prompt of eP-ALM (arXiv 2303.11403, section 3): learned vectors in front of the text."""

from torch import nn

from ..errors import ConfigError
from ..injection import Prompt
from ..registry import TUNERS


@TUNERS.register_module()
class SoftPrompt(nn.Module):
    """P learned token embeddings, optionally through Linear, Tanh, Linear.

    Args:
        length: P.
        width: E, the language model's token embedding width; given by the language model.
        mlp: pass the embeddings through a two-layer MLP, as the published eP-ALM does (the pt-L variant does not).
        init_std: standard deviation of the embeddings at the start; 1 as published.
    """

    def __init__(self, length: int, width: int, mlp: bool = False, init_std: float = 1.0):
        super().__init__()
        if length < 1:
            raise ConfigError(f'a soft prompt needs length 1 or more, found {length}; for none, set soft_prompt=None.')
        self.embedding = nn.Embedding(length, width)
        nn.init.normal_(self.embedding.weight, std=init_std)
        self.mlp = nn.Sequential(nn.Linear(width, width), nn.Tanh(), nn.Linear(width, width)) if mlp else None

    def forward(self) -> Prompt:
        """The prompt: embeddings ``[P, E]``."""
        weight = self.embedding.weight
        return Prompt(weight if self.mlp is None else self.mlp(weight))
