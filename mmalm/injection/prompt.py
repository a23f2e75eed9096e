"""A soft prompt as the injector takes it.

Legend: E token embedding width, H LM width, P soft prompt length.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Prompt:
    """P vectors in front of the text.

    Attributes:
        embeddings: ``[P, E]``, in place of token embeddings.
        deep: by layer, ``[P, H]`` that replace the prompt's states right before that layer (VPT-deep, arXiv 2203.12119);
            ``None``: the states stay what the layers make of them.
    """

    embeddings: Tensor
    deep: Mapping[int, Tensor] | None = None

    def __len__(self) -> int:
        """P."""
        return len(self.embeddings)
