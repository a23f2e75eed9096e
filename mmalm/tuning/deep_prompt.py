"""A soft prompt at every layer (VPT-deep, arXiv 2203.12119, section 3.2; as prefixes of hidden states, not of keys)."""

from typing import Annotated

import torch
from annotated_types import Ge
from torch import nn

from ..errors import ConfigError
from ..injection import Prompt
from ..registry import TUNERS


@TUNERS.register_module()
class DeepPrompt(nn.Module):
    """P learned token embeddings in front of the text, and P learned states that replace theirs before each of some layers.

    Args:
        length: P.
        width: E, the language model's token embedding width; given by the language model.
        hidden_size: H; given by the language model.
        num_layers: its depth; given by the language model.
        layers: first layer, and one past the last, whose prompt states are learned; from 1 to the last unless told. Layer 0 sees
            the token embeddings.
        init_std: standard deviation at the start.
    """

    def __init__(
        self,
        length: int,
        width: int,
        hidden_size: int,
        num_layers: int,
        layers: tuple[int, int] | None = None,
        init_std: Annotated[float, Ge(0)] = 0.02,
    ):
        super().__init__()
        if length < 1:
            raise ConfigError(f'a deep prompt needs length 1 or more, found {length}; for none, set soft_prompt=None.')
        first, end = (1, num_layers) if layers is None else layers
        if not 1 <= first < end <= num_layers:
            raise ConfigError(
                f'DeepPrompt(layers={(first, end)}) does not fit a language model of {num_layers} layers: '
                f"1 <= first < end <= {num_layers} is needed; layer 0 sees the prompt's token embeddings."
            )
        self.first = first
        self.embedding = nn.Embedding(length, width)
        nn.init.normal_(self.embedding.weight, std=init_std)
        self.states = nn.Parameter(init_std * torch.randn(end - first, length, hidden_size))

    def forward(self) -> Prompt:
        """The prompt: embeddings ``[P, E]``, and by layer ``[P, H]``."""
        return Prompt(self.embedding.weight, dict(enumerate(self.states, self.first)))
