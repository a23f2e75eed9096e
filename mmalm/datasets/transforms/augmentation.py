"""Training augmentation for pictures, out of torchvision's parts."""

from collections.abc import Sequence

from torchvision.transforms import v2
from torchvision.transforms.v2 import InterpolationMode

from ...errors import ConfigError

# steps of magnitude: 0..10
BINS = 11


class GeometricRandAugment(v2.RandAugment):
    """RandAugment of identity, contrast, equalize, brightness, sharpness, shear, translate and rotate, as in eP-ALM.

    torchvision's own list has posterize, solarize and colour besides, which change what a picture shows.
    """

    _AUGMENTATION_SPACE = {
        name: entry
        for name, entry in v2.RandAugment._AUGMENTATION_SPACE.items()
        if name not in ('Color', 'Posterize', 'Solarize', 'AutoContrast')
    }


def augmentation(
    size: tuple[int, int],
    interpolation: InterpolationMode,
    scale: Sequence[float] = (0.5, 1.0),
    flip: bool = True,
    randaugment: Sequence[int] | None = (2, 7),
) -> list[v2.Transform]:
    """The random part of a training transform.

    Args:
        size: ``(height, width)`` of the result.
        interpolation: of the resize.
        scale: least and largest share of the picture's area that a random crop keeps.
        flip: mirror every other picture; switch it off where left and right are asked about.
        randaugment: ``(operations, magnitude)``, magnitude in 0..10 as in eP-ALM's code, or ``None``.

    Raises:
        ConfigError: a scale outside (0, 1], or a magnitude that RandAugment does not have.
    """
    if len(scale) != 2 or not 0 < scale[0] <= scale[1] <= 1:
        raise ConfigError(f'augment: scale is (least, largest) share of the area in (0, 1], found {tuple(scale)}.')
    steps: list[v2.Transform] = [v2.RandomResizedCrop(list(size), tuple(scale), interpolation=interpolation)]
    if flip:
        steps.append(v2.RandomHorizontalFlip())
    if randaugment is not None:
        operations, magnitude = randaugment
        if operations < 1 or not 0 <= magnitude < BINS:
            raise ConfigError(
                f'augment: randaugment is (operations >= 1, magnitude in 0..{BINS - 1}), found {tuple(randaugment)}.'
            )
        steps.append(GeometricRandAugment(operations, magnitude, BINS))
    return steps
