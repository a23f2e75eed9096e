import json

import numpy as np
import pytest
import torch
from PIL import Image

from mmalm.datasets.transforms.augmentation import GeometricRandAugment
from mmalm.encoders import Preprocessing
from mmalm.errors import ConfigError
from mmalm.registry import TRANSFORMS

PREPROCESSING = Preprocessing(size=(8, 8), mean=(0.5, 0.25, 0.0), std=(0.5, 0.25, 1.0), crop_pct=0.5)


def build(**arguments):
    return TRANSFORMS.build(dict(type='ImageTransform', **arguments), preprocessing=PREPROCESSING)


def picture(width=12, height=20):
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def test_a_plain_colour_becomes_exact_numbers():
    tensor = build()(Image.new('RGB', (5, 3), (255, 0, 51)))
    assert tensor.shape == (3, 8, 8) and tensor.dtype == torch.float32
    assert torch.allclose(tensor[:, 0, 0], torch.tensor([1.0, -1.0, 0.2]))
    assert (tensor == tensor[:, :1, :1]).all()


def test_squash_is_pils_bicubic_resize_whatever_the_aspect():
    image = picture()
    expected = np.asarray(image.resize((8, 8), Image.Resampling.BICUBIC), dtype=np.float32).transpose(2, 0, 1) / 255
    mean, std = (np.array(v, dtype=np.float32)[:, None, None] for v in (PREPROCESSING.mean, PREPROCESSING.std))
    assert np.allclose(build()(image).numpy(), (expected - mean) / std, atol=1e-6)


def test_crop_keeps_the_aspect_and_takes_the_centre():
    image = picture(16, 32)  # the shorter edge is size / crop_pct already
    expected = build()(image.crop((4, 12, 12, 20)))
    assert torch.equal(build(resize='crop')(image), expected)


@pytest.mark.parametrize('resize', ['squash', 'crop'])
@pytest.mark.parametrize('size', [(64, 64), (150, 60), (61, 200)])
@pytest.mark.parametrize('wanted', [(32, 32), (24, 40)])
def test_the_region_is_where_the_pixels_come_from(resize, size, wanted):
    preprocessing = Preprocessing(size=wanted, mean=(0, 0, 0), std=(1, 1, 1), interpolation='bilinear', crop_pct=0.8)
    transform = TRANSFORMS.build(dict(type='ImageTransform', resize=resize), preprocessing=preprocessing)
    width, height = size
    # red says how far to the right a pixel is, green how far down
    across, down = ((np.arange(n) + 0.5) / n * 255 for n in size)
    channels = np.broadcast_to(across, (height, width)), np.broadcast_to(down[:, None], (height, width))
    ramp = np.stack([*channels, np.zeros((height, width))], -1).round().astype(np.uint8)
    found = transform(Image.fromarray(ramp)).numpy()
    left, top, right, bottom = transform.region(size)
    across = left + (np.arange(wanted[1]) + 0.5) / wanted[1] * (right - left)
    down = top + (np.arange(wanted[0]) + 0.5) / wanted[0] * (bottom - top)
    inner = slice(2, -2)  # at the edges of a picture there is less to interpolate from
    assert np.abs(found[0, :, inner] - across[inner]).max() < 0.006
    assert np.abs(found[1, inner] - down[inner, None]).max() < 0.006


def test_regions_in_numbers():
    assert build().region((12, 20)) == (0, 0, 1, 1)
    assert build(resize='crop').region((16, 32)) == (0.25, 0.375, 0.75, 0.625)
    assert build(augment=dict()).region((16, 32)) is None


def test_without_augmentation_it_is_deterministic():
    transform = build()
    assert transform.deterministic
    assert torch.equal(transform(picture()), transform(picture()))


def test_augmentation_is_random_and_seeded():
    transform = build(augment=dict(scale=(0.5, 1.0)))
    assert not transform.deterministic
    torch.manual_seed(0)
    first, second = transform(picture()), transform(picture())
    torch.manual_seed(0)
    assert torch.equal(transform(picture()), first)
    assert not torch.equal(first, second)
    assert first.shape == (3, 8, 8)


def test_flips_can_be_switched_off():
    whole = dict(scale=(1.0, 1.0), randaugment=None)
    image = Image.new('RGB', (8, 8))
    image.paste((255, 255, 255), (0, 0, 4, 8))  # the left half is white

    def left_is_brighter(tensor):
        return bool(tensor[0, :, 0].mean() > tensor[0, :, -1].mean())

    torch.manual_seed(0)
    assert {left_is_brighter(build(augment=dict(flip=False, **whole))(image)) for _ in range(20)} == {True}
    assert {left_is_brighter(build(augment=dict(flip=True, **whole))(image)) for _ in range(20)} == {True, False}
    spared = build(augment=dict(flip=True, **whole))
    assert spared.mirrors and {left_is_brighter(spared(image, mirror=False)) for _ in range(20)} == {True}
    always = build(augment=dict(flip='always', **whole))
    assert not always.mirrors and {left_is_brighter(always(image)) for _ in range(20)} == {True, False}
    assert not build().mirrors and not build(augment=dict(flip=False)).mirrors


def test_randaugment_has_the_operations_and_strengths_of_the_released_code():
    space = GeometricRandAugment(2, 7, 11)._AUGMENTATION_SPACE
    found = {name: (strengths(11, 224, 224), signed) for name, (strengths, signed) in space.items()}
    plain = ('Identity', 'AutoContrast', 'Equalize')
    assert {name for name, (strengths, _) in found.items() if strengths is None} == set(plain)
    # of magnitude 7: the factor 0.1 + 1.8 * 0.7 less 1; 0.3 * 0.7; 10 * 0.7 pixels; 30 * 0.7 degrees
    expected = {'Brightness': 0.36, 'Sharpness': 0.36, 'ShearX': 0.21, 'ShearY': 0.21}
    expected |= {'TranslateX': 7, 'TranslateY': 7, 'Rotate': 21}
    assert {name: found[name][0][7].item() for name in found.keys() - set(plain)} == pytest.approx(expected)
    assert {name for name, (_, signed) in found.items() if signed} == expected.keys() - {'Brightness', 'Sharpness'}


def test_randaugment_applies_every_other_operation_it_draws():
    augment = GeometricRandAugment(1, 7, 11)
    torch.manual_seed(0)
    drawn = [augment._get_random_item(augment._AUGMENTATION_SPACE)[0] for _ in range(2000)]
    # a tenth of the other half is the identity too
    assert drawn.count('Identity') / 2000 == pytest.approx(0.55, abs=0.04)
    assert drawn.count('Rotate') / 2000 == pytest.approx(0.05, abs=0.02)


def test_randaugment_moves_a_picture_by_pixels_and_fills_with_grey():
    torch.manual_seed(0)
    whole = dict(scale=(1.0, 1.0), flip=False, randaugment=(1, 10))
    transform = TRANSFORMS.build(
        dict(type='ImageTransform', augment=whole), preprocessing=Preprocessing((64, 64), (0.0,) * 3, (1.0,) * 3)
    )
    white = Image.new('RGB', (64, 64), (255, 255, 255))
    darkened = {round((transform(white) < 0.75).float().mean().item(), 2) for _ in range(200)}
    # 10 of 64 columns or rows; nothing by half a picture
    assert 0.16 in darkened and max(darkened) < 0.35


def test_the_spec_is_json_and_tells_transforms_apart():
    specs = [build(), build(resize='crop'), build(augment={}), build(augment=dict(flip=False))]
    texts = {json.dumps(transform.spec(), sort_keys=True) for transform in specs}
    assert len(texts) == 4
    assert json.dumps(build().spec(), sort_keys=True) in texts


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(resize='squish'), "unknown resize 'squish'. Did you mean 'squash'"),
        (dict(augment=dict(scale=(0.0, 1.0))), 'scale is'),
        (dict(augment=dict(randaugment=(2, 11))), 'magnitude in 0..10'),
        (dict(augment=dict(filp=True)), "unknown key 'filp'. Did you mean 'flip'"),
        (dict(sise=3), "unknown argument 'sise'"),
    ],
)
def test_mistakes_are_named(arguments, message):
    with pytest.raises(ConfigError, match=message):
        build(**arguments)
