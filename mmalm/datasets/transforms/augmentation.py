"""Training augmentation for pictures, out of torchvision's parts."""

from collections.abc import Sequence
from typing import Literal

import torch
from torchvision.transforms import v2
from torchvision.transforms.v2 import InterpolationMode

from ...errors import ConfigError

# steps of magnitude: 0..10
BINS = 11
GREY = 128
FLIPS = (False, True, 'always')


def _unsigned(least: float, most: float) -> tuple:
    return lambda bins, height, width: torch.linspace(least, most, bins), False


def _signed(most: float) -> tuple:
    return lambda bins, height, width: torch.linspace(0, most, bins), True


def _without() -> tuple:
    return lambda bins, height, width: None, False


class GeometricRandAugment(v2.RandAugment):
    """RandAugment with the operations, strengths and odds of the code released with eP-ALM (arXiv 2303.11403).

    Identity, autocontrast, equalize, brightness, sharpness, shear, translate and rotate, each applied every other time it is drawn;
    what comes into the picture is grey. torchvision's own moves pictures by up to 45 % of their width, where this does by
    10 pixels, always applies what it draws, and has posterize, solarize and colour besides, which change what a picture shows.
    """

    # of the highest magnitude: shear as a slope, pixels, degrees; brightness and sharpness as a factor less 1
    _AUGMENTATION_SPACE = {
        'Identity': _without(),
        'AutoContrast': _without(),
        'Equalize': _without(),
        'Brightness': _unsigned(-0.9, 0.9),
        'Sharpness': _unsigned(-0.9, 0.9),
        'ShearX': _signed(0.3),
        'ShearY': _signed(0.3),
        'TranslateX': _signed(10.0),
        'TranslateY': _signed(10.0),
        'Rotate': _signed(30.0),
    }

    def _get_random_item(self, dct: dict) -> tuple:
        if torch.rand(()) < 0.5:
            return 'Identity', dct['Identity']
        return super()._get_random_item(dct)


def augmentation(
    size: tuple[int, int],
    interpolation: InterpolationMode,
    scale: Sequence[float] = (0.5, 1.0),
    flip: bool | Literal['always'] = True,
    randaugment: Sequence[int] | None = (2, 7),
) -> list[v2.Transform]:
    """The random part of a training transform.

    Args:
        size: ``(height, width)`` of the result.
        interpolation: of the resize.
        scale: least and largest share of the picture's area that a random crop keeps.
        flip: mirror every other picture; ``True`` leaves out those of which a question or an answer says left or right,
            'always' mirrors them too, as eP-ALM's code does, which makes such answers wrong.
        randaugment: ``(operations, magnitude)``, magnitude in 0..10 as in eP-ALM's code, or ``None``.

    Raises:
        ConfigError: a scale outside (0, 1], another flip, or a magnitude that RandAugment does not have.
    """
    if len(scale) != 2 or not 0 < scale[0] <= scale[1] <= 1:
        raise ConfigError(f'augment: scale is (least, largest) share of the area in (0, 1], found {tuple(scale)}.')
    if flip not in FLIPS:
        raise ConfigError(f"augment: flip is True, False or 'always', found {flip!r}.")
    steps: list[v2.Transform] = [v2.RandomResizedCrop(list(size), tuple(scale), interpolation=interpolation)]
    if flip:
        steps.append(v2.RandomHorizontalFlip())
    if randaugment is not None:
        operations, magnitude = randaugment
        if operations < 1 or not 0 <= magnitude < BINS:
            raise ConfigError(
                f'augment: randaugment is (operations >= 1, magnitude in 0..{BINS - 1}), found {tuple(randaugment)}.'
            )
        steps.append(GeometricRandAugment(operations, magnitude, BINS, InterpolationMode.BILINEAR, fill=GREY))
    return steps
