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


def test_randaugment_has_the_operations_of_the_paper():
    assert sorted(GeometricRandAugment(2, 7, 11)._AUGMENTATION_SPACE) == sorted(
        [
            'Identity',
            'ShearX',
            'ShearY',
            'TranslateX',
            'TranslateY',
            'Rotate',
            'Brightness',
            'Contrast',
            'Sharpness',
            'Equalize',
        ]
    )


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
