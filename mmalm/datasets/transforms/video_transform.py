"""The one video transform: some frames of a clip, each as a picture is prepared."""

from collections.abc import Mapping
from typing import Any, Literal

import torch
from PIL import Image
from torch import Tensor
from torchvision.tv_tensors import Video

from ...encoders.video_preprocessing import VideoPreprocessing
from ...errors import ConfigError, check_choice
from ...registry import TRANSFORMS, Bound
from ..media.frame_choice import CHOICES, choose_frames
from ..media.video import VideoClip
from .augmentation import augmentation
from .image_transform import ImageTransform


@TRANSFORMS.register_module()
class VideoTransform:
    """Choose frames, resize or augment, and normalise them as their encoder expects it.

    A clip with fewer frames than the encoder takes is seen by the nearest ones, some of them more than once.

    Args:
        preprocessing: frames, size and statistics of the encoder; a model's data sets are given it by context.
        choice: which frame of each of F equal intervals is taken: 'middle', or 'random' in training (eP-ALM, arXiv 2303.11403).
        resize: 'squash' or 'crop', as :class:`~.image_transform.ImageTransform`.
        augment: ``None``, or what is done to all frames of a clip alike, as :class:`~.image_transform.ImageTransform`.

    Raises:
        ConfigError: unknown choice, resize or augmentation.
    """

    nodes = {'augment': Bound(augmentation, given=('size', 'interpolation'))}

    def __init__(
        self,
        preprocessing: VideoPreprocessing | Mapping[str, Any],
        choice: Literal['middle', 'random'] = 'middle',
        resize: Literal['squash', 'crop'] = 'squash',
        augment: Mapping[str, Any] | None = None,
    ) -> None:
        check_choice('VideoTransform', 'choice', choice, CHOICES)
        if isinstance(preprocessing, Mapping):
            preprocessing = VideoPreprocessing(**preprocessing)
        if not isinstance(preprocessing, VideoPreprocessing):
            raise ConfigError(
                'VideoTransform: the encoder takes single pictures. Put it into a FrameEncoder, which sees a clip by some of '
                "its frames: encoder=dict(type='FrameEncoder', frames=8, encoder=dict(...))."
            )
        self.preprocessing, self.choice = preprocessing, choice
        self.picture = ImageTransform(preprocessing, resize, augment)
        self.augment = self.picture.augment

    @property
    def deterministic(self) -> bool:
        """Whether the same clip always gives the same tensor."""
        return self.choice == 'middle' and self.picture.deterministic

    @property
    def mirrors(self) -> bool:
        """As :attr:`~.image_transform.ImageTransform.mirrors`."""
        return self.picture.mirrors

    def __call__(self, clip: VideoClip, mirror: bool = True) -> Tensor:
        """A clip as ``[F, 3, H, W]`` float32; ``mirror`` as for a picture."""
        frames = clip.frames(choose_frames(clip.count, self.preprocessing.frames, self.choice))
        if self.picture.deterministic:
            # exactly as a picture of its own would be
            return torch.stack([self.picture(Image.fromarray(frame)) for frame in frames])
        return self.picture(Video(torch.from_numpy(frames).permute(0, 3, 1, 2)), mirror).as_subclass(Tensor)

    def spec(self) -> dict[str, Any]:
        """All that decides the result, JSON-able: equal specs give equal tensors, if deterministic."""
        return {**self.picture.spec(), 'type': type(self).__name__, 'choice': self.choice}
