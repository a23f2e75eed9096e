import json

import pytest

from mmalm.encoders import Preprocessing
from mmalm.encoders.preprocessing import from_processor, from_timm, resolve
from mmalm.errors import ConfigError

HALF = dict(mean=(0.5,) * 3, std=(0.5,) * 3)


def test_a_number_is_a_square_and_the_dict_form_survives_json():
    preprocessing = Preprocessing(size=224, **HALF)
    assert preprocessing.size == (224, 224)
    again = Preprocessing(**json.loads(json.dumps(preprocessing.as_dict())))
    assert again == preprocessing


def test_the_config_stands_above_what_comes_with_the_model_and_image_size_above_both():
    found = dict(size=384, mean=(0.1,) * 3, std=(0.2,) * 3, interpolation='bilinear')
    result = resolve(found, dict(std=(0.3,) * 3, size=224), 112, 'm')
    assert result == Preprocessing((112, 112), (0.1,) * 3, (0.3,) * 3, 'bilinear')


@pytest.mark.parametrize(
    ('values', 'message'),
    [
        (dict(size=224, mean=(0.5,), std=(0.5,) * 3), 'mean needs 3 numbers'),
        (dict(size=0, **HALF), 'image size'),
        (dict(size=224, interpolation='cubic', **HALF), "Did you mean 'bicubic'"),
        (dict(size=224, crop_pct=1.5, **HALF), 'crop_pct'),
        (dict(size=224, mean=(0.5,) * 3, std=(0.0,) * 3), 'std must be positive'),
    ],
)
def test_impossible_values_are_refused(values, message):
    with pytest.raises(ConfigError, match=message):
        Preprocessing(**values)


def test_what_nobody_states_is_asked_for():
    with pytest.raises(ConfigError, match=r'm: .*says its mean, std'):
        resolve(dict(size=224), None, None, 'm')


def test_a_dinov2_like_processor_crops_224_of_256():
    values = from_processor(
        {
            'image_mean': [0.485, 0.456, 0.406],
            'image_std': [0.229, 0.224, 0.225],
            'size': {'shortest_edge': 256},
            'crop_size': {'height': 224, 'width': 224},
            'do_center_crop': True,
            'resample': 3,
            'rescale_factor': 1 / 255,
        }
    )
    preprocessing = Preprocessing(**values)
    assert preprocessing.size == (224, 224)
    assert preprocessing.crop_pct == 0.875
    assert preprocessing.mean == pytest.approx((0.485, 0.456, 0.406))


def test_statistics_for_pixels_rescaled_otherwise_are_converted():
    # (x / 127.5 - 1) / 0.5 with x in 0..255 is (p - 0.5) / 0.25 with p in 0..1
    values = from_processor({'image_mean': [1.0] * 3, 'image_std': [0.5] * 3, 'size': 32, 'rescale_factor': 1 / 127.5})
    assert values['mean'] == pytest.approx((0.5,) * 3)
    assert values['std'] == pytest.approx((0.25,) * 3)


def test_without_normalisation_pixels_stay_as_they_are():
    values = from_processor({'do_normalize': False, 'size': {'height': 8, 'width': 4}, 'resample': 0})
    assert values == dict(
        mean=(0.0,) * 3, std=pytest.approx((1.0,) * 3), interpolation='nearest', size=(8, 4), crop_pct=1.0
    )


def test_timms_data_config():
    data = dict(input_size=(3, 32, 48), mean=(0.1,) * 3, std=(0.2,) * 3, interpolation='bicubic', crop_pct=0.9)
    assert Preprocessing(**from_timm(data)) == Preprocessing((32, 48), (0.1,) * 3, (0.2,) * 3, 'bicubic', 0.9)
