"""What every encoder gives: :class:`Perception`."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass
class Perception:
    """Features of the last K levels of a frozen encoder, shallow to deep, each through the encoder's final norm.

    Legend: B batch, K levels, N tokens of one level, D encoder width.

    Attributes:
        cls: ``[B, K, D]``, one summary token a level: the CLS token, or the pooled token an encoder without CLS names.
            A list of K tensors ``[B, D_k]`` where levels differ in width.
        levels: K tensors ``[B, N, D]`` (N includes CLS where there is one), or ``None`` where only ``cls`` was kept,
            as in a feature cache.
    """

    cls: Tensor | list[Tensor]
    levels: list[Tensor] | None = None

    @classmethod
    def from_features(cls, features: Tensor | list[Tensor]) -> 'Perception':
        """What a feature cache kept of B samples.

        Args:
            features: ``[B, K, D]`` summary tokens; or ``[B, K, 1+N, D]``, whose first token is the summary and the rest are the
                level's tokens; or a list of ``[B, D_k]`` summary tokens of levels that differ in width.
        """
        if isinstance(features, Tensor) and features.ndim == 4:
            return cls(features[:, :, 0], list(features[:, :, 1:].unbind(1)))
        return cls(features)

    def to_features(self, keep: str) -> Tensor:
        """What a cache keeps: ``[B, K, D]`` with keep='cls', ``[B, K, 1+N, D]`` with keep='levels'."""
        if keep == 'cls':
            return self.cls
        return torch.cat([self.cls[:, :, None], torch.stack(self.levels, 1)], 2)

    @property
    def batch_size(self) -> int:
        return len(self.cls[0]) if isinstance(self.cls, list) else len(self.cls)

    def select(self, rows: Tensor) -> 'Perception':
        """The features of some samples, by index; a sample may be asked for more than once."""
        cls = [t[rows] for t in self.cls] if isinstance(self.cls, list) else self.cls[rows]
        return Perception(cls, None if self.levels is None else [t[rows] for t in self.levels])

    def to(self, device: torch.device | str, dtype: torch.dtype | None = None) -> 'Perception':
        """The same features on another device or in another floating type."""

        def move(tensor: Tensor) -> Tensor:
            return tensor.to(device=device, dtype=dtype)

        cls = [move(t) for t in self.cls] if isinstance(self.cls, list) else move(self.cls)
        return Perception(cls, None if self.levels is None else [move(t) for t in self.levels])
