"""nocaps' files, as published and wrongly."""

import json

import pytest

from mmalm.datasets import NoCapsDataset
from mmalm.datasets.media.synthetic import write_media
from mmalm.errors import ConfigError

PREPROCESSING = dict(size=(8, 8), mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
NAMES = ('0013ea2087020901', '0014b0b4e8d9b8d4')
COMMON = {'licenses': [], 'info': {'description': 'nocaps', 'year': 2018, 'version': '0.1'}}


def picture(number, **more):
    """An entry with every field of the published file."""
    name = f'{NAMES[number]}.jpg'
    known = {'id': number, 'open_images_id': NAMES[number], 'height': 1024, 'width': 732, 'license': 0}
    return {
        **known,
        'coco_url': f'https://host/{name}',
        'file_name': name,
        'date_captured': '2018-11-06 11:04:33',
        **more,
    }


def captions(*texts):
    return [{'image_id': number, 'id': i, 'caption': text} for i, (number, text) in enumerate(texts)]


VAL = {
    **COMMON,
    'images': [picture(0, domain='in-domain'), picture(1, domain='out-domain')],
    'annotations': captions((1, 'A toy.'), (0, 'A  baby.'), (1, 'Two toys.')),
}
TEST = {**COMMON, 'images': [picture(1), picture(0)]}


@pytest.fixture
def root(tmp_path):
    for split in ('val', 'test'):
        for number, name in enumerate(NAMES):
            write_media(tmp_path / split / f'{name}.jpg', 'image', number)
    (tmp_path / 'nocaps_val_4500_captions.json').write_text(json.dumps(VAL))
    (tmp_path / 'nocaps_test_image_info.json').write_text(json.dumps(TEST))
    return tmp_path


def nocaps(root, split='val', **arguments):
    return NoCapsDataset(split, root, preprocessing=PREPROCESSING, **arguments)


def test_a_sample(root):
    sample = nocaps(root)[1]
    assert sample.pop('pixels').shape == (3, 8, 8)
    assert sample == {
        'id': '1',
        'image_id': 1,
        'media': f'val/{NAMES[1]}.jpg',
        'task': 'caption',
        'question': '',
        'answer': 'A toy.',
        'answers': [],
        'references': ['A toy.', 'Two toys.'],
        'domain': 'out-domain',
    }


def test_a_domain_alone(root):
    assert [sample['id'] for sample in nocaps(root, domain='in-domain')] == ['0']
    with pytest.raises(ConfigError, match='test split is of which domain is not published'):
        nocaps(root, 'test', domain='in-domain')
    with pytest.raises(ConfigError, match="unknown domain 'in'"):
        nocaps(root, domain='in')


def test_the_servers_file(root):
    dataset = nocaps(root, 'test')
    assert dataset[0]['references'] == [] and dataset[0]['domain'] == ''
    predictions = [{'id': '0', 'generated': 'a baby'}, {'id': '1', 'generated': 'a toy'}]
    assert dataset.submission(predictions) == [
        {'image_id': 1, 'caption': 'a toy'},
        {'image_id': 0, 'caption': 'a baby'},
    ]
    for part in (nocaps(root, limit=1), nocaps(root, domain='in-domain')):
        with pytest.raises(ConfigError, match='every question of a split'):
            part.submission(predictions)
    with pytest.raises(ConfigError, match='1 predictions are of no question, such as 7'):
        dataset.submission([*predictions, {'id': '7', 'generated': 'x'}])


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        ({'annotations': captions((0, 'A baby.'))}, '1 of 2 pictures have no caption, such as 1'),
        ({'annotations': captions((7, 'A baby.'))}, 'a caption of image_id 7 is of no picture'),
        ({'annotations': captions((0, ' '))}, 'a caption of image_id 0 is without text'),
        ({'images': [picture(0), picture(0)]}, '1 ids of pictures occur more than once'),
        ({'images': [picture(0, domain='in')]}, "Invalid enum value 'in'"),
        ({'images': [picture(0, id='0')]}, 'Expected `int`, got `str`'),
        ({'images': []}, 'length >= 1'),
        ({'images': None}, 'Expected `array`, got `null`'),
    ],
)
def test_files_of_another_form(root, changes, message):
    (root / 'nocaps_val_4500_captions.json').write_text(json.dumps({**VAL, **changes}))
    with pytest.raises(ConfigError, match=message) as caught:
        nocaps(root)
    assert 'nocaps_val_4500_captions.json' in str(caught.value) and 'docs/data.md' in str(caught.value)


def test_made_small(tmp_path):
    for split in ('val', 'test'):
        dataset = NoCapsDataset(**NoCapsDataset.shrink({'split': split}, tmp_path), preprocessing=PREPROCESSING)
        assert len(dataset) == 6 and bool(dataset[0]['references']) == (split == 'val')
