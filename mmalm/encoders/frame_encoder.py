"""A picture encoder that sees clips, frame by frame: video without a video encoder.

Legend: B batch, F frames, K levels of the picture encoder, M moments, N tokens of a picture, D encoder width.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import torch
from annotated_types import Ge
from torch import Tensor

from ..errors import ConfigError
from ..registry import ENCODERS
from .base import Encoder
from .layout import TokenLayout
from .perception import Perception
from .video_preprocessing import of_clips


@ENCODERS.register_module()
class FrameEncoder(Encoder):
    """Any picture encoder, applied to each of F frames.

    The K summary tokens of the frames are summed up over time by M moments each: moment 0 is their mean, in which the order of
    frames is lost; moment m weighs frame t by sqrt(2) cos(pi m (t + 1/2) / F), so that moment 1 says how the clip ends against how
    it begins, and M = F keep all there is. Each moment is a level of its own, the mean last: ``cls`` is ``[B, K*M, D]``. With one
    moment a connector that was trained on pictures fits; what goes which way is seen from two on.

    Of every level all tokens of all frames are given, ``[B, F*N, D]``: first CLS and other prefix tokens of each frame, then the
    patches of each frame. By ``positions`` they know their frame, by a sinusoidal code of its number (arXiv 1706.03762, 3.5).

    Args:
        encoder: config of the picture encoder.
        frames: F.
        moments: M, at most F.
        positions: factor on the code of the frame's number; with 0 tokens are those of single pictures.

    Raises:
        ConfigError: the encoder is not one of pictures, or more moments than frames.
    """

    modality = 'video'
    nodes = {'encoder': ENCODERS}

    def __init__(
        self,
        encoder: Mapping[str, Any],
        frames: Annotated[int, Ge(1)] = 8,
        moments: Annotated[int, Ge(1)] = 1,
        positions: float = 0.0,
    ) -> None:
        pictures = ENCODERS.build(encoder, key='encoder')
        if pictures.modality != 'image':
            raise ConfigError(
                f'FrameEncoder: {pictures.name} is an encoder of {pictures.modality}; one of pictures is wanted.'
            )
        if not 1 <= moments <= frames:
            raise ConfigError(
                f'FrameEncoder: {frames} frames have from 1 to {frames} moments, found moments={moments}.'
            )
        # all that tells one kind of features from another
        pooling = f'{pictures.pooling}, {moments} moments of {frames} frames, positions {float(positions)}'
        super().__init__(pictures.name, pictures.num_levels * moments, pooling, pictures.attention)
        self.pictures, self.moments, self.positions = pictures, moments, positions
        self.normed = pictures.normed
        self.preprocessing = of_clips(pictures.preprocessing, frames)
        self.depth, self.uniform = pictures.depth * moments, pictures.uniform
        self.widths = [width for width in pictures.widths for _ in range(moments)]
        self.tokens = [frames * count for count in pictures.tokens for _ in range(moments)]
        self.layout = TokenLayout(self.tokens[-1], frames * pictures.layout.prefix)

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict:
        """For dry runs: as few frames as the moments need, and two."""
        fewest = max(2, arguments.get('moments', 1))
        return {**arguments, 'frames': min(arguments.get('frames', 8), fewest)}

    def base_model(self) -> dict[str, str]:
        """The encoder of pictures, so that a checkpoint trained on pictures loads."""
        return self.pictures.base_model()

    def blank(self, rows: int, device: torch.device | str) -> Tensor:
        """Empty clips ``[rows, F, 3, H, W]``."""
        return torch.zeros(rows, self.preprocessing.frames, 3, *self.preprocessing.size, device=device)

    def forward(self, frames: Tensor) -> Perception:
        """Perceive clips ``[B, F, 3, H, W]``.

        Returns:
            ``cls`` ``[B, K*M, D]`` (a list of ``[B, D_k]`` where widths differ), and K*M levels ``[B, F*N, D]``.
        """
        if frames.ndim != 5 or frames.shape[1] != self.preprocessing.frames:
            raise ConfigError(
                f'FrameEncoder takes clips [B, {self.preprocessing.frames}, 3, H, W], found {list(frames.shape)}.'
            )
        seen = self.pictures(frames.flatten(0, 1))
        clips = frames.shape[:2]
        summaries = seen.cls if isinstance(seen.cls, list) else seen.cls.unbind(1)
        cls = [moment for level in summaries for moment in self._moments(level.unflatten(0, clips))]
        levels = [self._frames(level.unflatten(0, clips)) for level in seen.levels]
        return Perception(
            torch.stack(cls, 1) if len(set(self.widths)) == 1 else cls,
            [level for level in levels for _ in range(self.moments)],
        )

    def _moments(self, summary: Tensor) -> list[Tensor]:
        """Summary tokens ``[B, F, D]`` of one level as M of ``[B, D]``, the mean last."""
        weights = moment_weights(summary.shape[1], self.moments).to(summary)
        return [(weight[:, None] * summary).mean(1) for weight in weights.flip(0)]

    def _frames(self, level: Tensor) -> Tensor:
        """Tokens ``[B, F, N, D]`` of one level as ``[B, F*N, D]``, those that are not patches first."""
        if self.positions:
            code = frame_codes(level.shape[1], level.shape[-1]).to(level)
            level = level + self.positions * code[:, None]
        prefix = self.pictures.layout.prefix
        return torch.cat([level[:, :, :prefix].flatten(1, 2), level[:, :, prefix:].flatten(1, 2)], 1)


def moment_weights(frames: int, moments: int) -> Tensor:
    """``[M, F]``: how each moment weighs each frame before the mean is taken (a cosine transform, DCT-II)."""
    time = (torch.arange(frames) + 0.5) / frames
    waves = torch.cos(torch.pi * torch.arange(moments)[:, None] * time)
    return torch.cat([waves[:1], 2**0.5 * waves[1:]])


def frame_codes(frames: int, width: int) -> Tensor:
    """``[F, D]``: sines and cosines of the frame's number at wavelengths from 2 pi to 10,000 x 2 pi frames."""
    rates = 10_000 ** (-torch.arange(0, width, 2) / width)
    angles = torch.arange(frames)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], -1).flatten(1)[:, :width]
