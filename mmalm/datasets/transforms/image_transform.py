"""The one image transform: deterministic for testing and cached features, augmented for training."""

import math
from collections.abc import Mapping
from inspect import signature
from typing import Any, Literal

import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import v2
from torchvision.transforms.v2 import InterpolationMode

from ...encoders.preprocessing import Preprocessing
from ...errors import ConfigError, closest
from ...registry import TRANSFORMS, Bound
from .augmentation import augmentation

RESIZES = ('squash', 'crop')


@TRANSFORMS.register_module()
class ImageTransform:
    """Resize, optionally augment, and normalise a picture as its encoder expects it.

    Args:
        preprocessing: size, mean, std, interpolation of the encoder; a model's data sets are given it by context.
        resize: 'squash' resizes to the encoder's size whatever the picture's aspect (eP-ALM, arXiv 2303.11403);
            'crop' resizes the shorter edge to size / crop_pct and crops the centre.
        augment: ``None`` for none, or what to do in training, see :func:`~.augmentation.augmentation`:
            ``dict(scale=(0.5, 1.0), flip=True, randaugment=(2, 7))``. It takes the place of ``resize``.

    Raises:
        ConfigError: unknown resize or augmentation.
    """

    nodes = {'augment': Bound(augmentation, given=('size', 'interpolation'))}

    def __init__(
        self,
        preprocessing: Preprocessing | Mapping[str, Any],
        resize: Literal['squash', 'crop'] = 'squash',
        augment: Mapping[str, Any] | None = None,
    ) -> None:
        if not isinstance(preprocessing, Preprocessing):
            preprocessing = Preprocessing(**preprocessing)
        if resize not in RESIZES:
            raise ConfigError(
                f'unknown resize {resize!r}. {closest(resize, RESIZES)} Choose one of {", ".join(RESIZES)}.'
            )
        known = [name for name in signature(augmentation).parameters if name not in ('size', 'interpolation')]
        for name in augment or {}:
            if name not in known:
                raise ConfigError(f'augment: unknown key {name!r}. {closest(name, known)} Keys: {", ".join(known)}.')
        self.preprocessing = preprocessing
        self.resize = resize
        self.augment = None if augment is None else dict(augment)
        self._pipeline = self._unmirrored = self._compose(self.augment)
        if self.mirrors:
            self._unmirrored = self._compose({**self.augment, 'flip': False})

    def _compose(self, augment: Mapping[str, Any] | None) -> v2.Compose:
        wanted = self.preprocessing
        interpolation = InterpolationMode(wanted.interpolation)
        if augment is not None:
            steps = augmentation(wanted.size, interpolation, **augment)
        else:
            steps = _resizing(wanted, self.resize, interpolation)
        fixed = [v2.PILToTensor(), v2.ToDtype(torch.float32, scale=True), v2.Normalize(wanted.mean, wanted.std)]
        return v2.Compose([*steps, *fixed])

    @property
    def mirrors(self) -> bool:
        """Whether pictures are mirrored now and then, unless it is called with ``mirror=False``."""
        return self.augment is not None and self.augment.get('flip', True) is True

    @property
    def deterministic(self) -> bool:
        """Whether the same picture always gives the same tensor."""
        return self.augment is None

    def __call__(self, picture: Image.Image, mirror: bool = True) -> Tensor:
        """A PIL picture in RGB as ``[3, H, W]`` float32.

        Args:
            picture: also a clip's frames at once, as torchvision's Video ``[F, 3, h, w]``.
            mirror: whether it may be mirrored; not where something is said of its left and right. ``flip='always'`` does not ask.
        """
        return (self._pipeline if mirror else self._unmirrored)(picture)

    def region(self, size: tuple[int, int]) -> tuple[float, float, float, float] | None:
        """Which part of a picture the encoder is given, as shares of its width and height: left, top, right, bottom.

        Args:
            size: width and height of the picture.

        Returns:
            None where it is drawn anew each time.
        """
        if self.augment is not None:
            return None
        if self.resize == 'squash':
            return 0.0, 0.0, 1.0, 1.0
        shorter, (high, wide) = _shorter_edge(self.preprocessing), self.preprocessing.size
        # as torchvision rounds: the longer edge down, the corner to the nearest pixel
        width, height = (int(shorter * edge / min(size)) for edge in size)
        left, top = round((width - wide) / 2), round((height - high) / 2)
        return left / width, top / height, (left + wide) / width, (top + high) / height

    def spec(self) -> dict[str, Any]:
        """All that decides the result, JSON-able: equal specs give equal tensors, if deterministic."""
        return {
            'type': type(self).__name__,
            'preprocessing': self.preprocessing.as_dict(),
            'resize': self.resize,
            'augment': self.augment,
        }


def _resizing(preprocessing: Preprocessing, resize: str, interpolation: InterpolationMode) -> list[v2.Transform]:
    size = list(preprocessing.size)
    if resize == 'squash':
        return [v2.Resize(size, interpolation)]
    return [v2.Resize(_shorter_edge(preprocessing), interpolation), v2.CenterCrop(size)]


def _shorter_edge(preprocessing: Preprocessing) -> int:
    # rounded down as timm does; the small term undoes the error of a share such as 224 / 256
    return math.floor(max(preprocessing.size) / preprocessing.crop_pct + 1e-6)
