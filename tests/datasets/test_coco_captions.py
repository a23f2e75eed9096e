"""COCO captions in Karpathy's file, as published and wrongly."""

import json

import pytest

from mmalm.datasets import CocoCaptionDataset
from mmalm.datasets.media.synthetic import write_media
from mmalm.errors import ConfigError, MissingDataError

PREPROCESSING = dict(size=(8, 8), mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))


def picture(number, split, folder='val2014', captions=('A  man rides.', 'A man on a horse.\n')):
    """An entry with every field of the published file."""
    return {
        'filepath': folder,
        'sentids': [10 * number + i for i in range(len(captions))],
        'filename': f'COCO_{folder}_{number:012d}.jpg',
        'imgid': number,
        'split': split,
        'sentences': [
            {'tokens': text.lower().split(), 'raw': text, 'imgid': number, 'sentid': 10 * number + i}
            for i, text in enumerate(captions)
        ],
        'cocoid': number,
    }


PICTURES = [
    picture(9, 'train', 'train2014'),
    picture(42, 'restval'),
    picture(73, 'val', captions=('Eine Straße.',)),
    picture(74, 'test'),
]


@pytest.fixture
def root(tmp_path):
    for entry in PICTURES:
        write_media(tmp_path / entry['filepath'] / entry['filename'], 'image', entry['cocoid'])
    return tmp_path


def write(root, pictures=PICTURES, encoding='utf-8'):
    text = json.dumps({'images': pictures, 'dataset': 'coco'}, ensure_ascii=False)
    (root / 'dataset_coco.json').write_bytes(text.encode(encoding))
    return root


def coco(root, split='train', pictures=PICTURES, **arguments):
    return CocoCaptionDataset(split, write(root, pictures), preprocessing=PREPROCESSING, **arguments)


def test_each_caption_is_a_sample_in_training(root):
    samples = list(coco(root))
    assert [sample['id'] for sample in samples] == ['9/0', '9/1', '42/0', '42/1']
    assert samples[3].pop('pixels').shape == (3, 8, 8)
    assert samples[3] == {
        'id': '42/1',
        'media': 'val2014/COCO_val2014_000000000042.jpg',
        'task': 'caption',
        'question': '',
        'answer': 'A man on a horse.',
        'answers': [],
        'references': ['A man rides.', 'A man on a horse.'],
    }
    assert len(coco(root, restval=False)) == 2


def test_each_picture_is_one_elsewhere(root):
    (sample,) = coco(root, 'test', question='Describe the picture.')
    assert (sample['id'], sample['question'], len(sample['references'])) == ('74', 'Describe the picture.', 2)
    assert coco(root, 'val')[0]['answer'] == 'Eine Straße.'


def test_other_ways_to_take_captions(root):
    assert len(coco(root, answer='sampled')) == 2 and coco(root, fold='held_out').answer == 'first'
    assert len(coco(root, 'test', answer='each')) == 2
    with pytest.raises(ConfigError, match="unknown answer 'all'"):
        coco(root, answer='all')


def test_a_part_is_one_of_pictures(root):
    part = coco(root, limit=1)
    assert len(part) == 2 and len(part.media) == 1


def test_files_without_folders(root):
    plain = [{k: v for k, v in entry.items() if k not in ('filepath', 'cocoid')} for entry in PICTURES]
    assert coco(root, pictures=plain).media[1] == 'val2014/COCO_val2014_000000000042.jpg'
    flickr = [{**plain[0], 'filename': '1000092795.jpg'}]
    dataset = coco(root, pictures=flickr, check_media=False)
    assert dataset.media == ['1000092795.jpg'] and dataset.table.ids == ['1000092795']


@pytest.mark.parametrize(
    ('pictures', 'message'),
    [
        ([], 'no pictures of the split train or restval; it has none at all'),
        (PICTURES[2:], 'no pictures of the split train or restval; it has test, val'),
        ([PICTURES[0], PICTURES[0]], 'the picture COCO_train2014_000000000009.jpg occurs more than once'),
        ([{**PICTURES[0], 'split': 'trian'}], "Invalid enum value 'trian' - at `images.*split`"),
        ([{**PICTURES[0], 'sentences': []}], 'Expected `array` of length >= 1 - at `images'),
        ([{**PICTURES[0], 'sentences': [{'raw': ' '}]}], '_000000000009.jpg has a caption without text'),
        ([{**PICTURES[0], 'sentences': ['A man.']}], 'Expected `object`, got `str`'),
        ([{'filename': 'a.jpg', 'split': 'train'}], 'missing required field `sentences`'),
        ([{**PICTURES[0], 'filename': 3}], 'Expected `str`, got `int`'),
    ],
)
def test_files_of_another_form(root, pictures, message):
    with pytest.raises(ConfigError, match=message) as caught:
        coco(root, pictures=pictures)
    assert str(root / 'dataset_coco.json') in str(caught.value)


@pytest.mark.parametrize('encoding', ['latin-1', 'utf-16'])
def test_captions_in_another_encoding(root, encoding):
    with pytest.raises(ConfigError, match='is no JSON in UTF-8|is in UTF-16'):
        CocoCaptionDataset('val', write(root, encoding=encoding))


def test_missing_pictures(root):
    (root / 'train2014' / 'COCO_train2014_000000000009.jpg').unlink()
    with pytest.raises(
        MissingDataError, match='1 of 2 pictures .*000000000009.jpg.\nDownload the COCO pictures of 2014'
    ):
        coco(root)


def test_made_small(tmp_path):
    for split, count in (('train', 16), ('val', 4), ('test', 4)):
        arguments = CocoCaptionDataset.shrink({'split': split, 'captions': 'x', 'images': 'y'}, tmp_path)
        assert len(CocoCaptionDataset(**arguments, preprocessing=PREPROCESSING)) == count
