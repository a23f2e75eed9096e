"""Pictures that are missing or damaged."""

import numpy as np
import pytest
from PIL import Image
from vqa_fixture import PREPROCESSING, refused, write_vqa

from mmalm.datasets import VQAv2Dataset
from mmalm.errors import MissingDataError


@pytest.fixture
def root(tmp_path):
    return write_vqa(tmp_path / 'vqav2', 'train2014')


def load(root, **arguments):
    return VQAv2Dataset('train', root=root, **arguments)


def test_a_missing_one(root):
    (root / 'train2014' / 'COCO_train2014_000000000011.jpg').unlink()
    message = refused(root, MissingDataError)
    assert (
        f'1 of 6 pictures that are asked about are not in {root}: train2014/COCO_train2014_000000000011.jpg.' in message
    )
    assert 'docs/vqa.md' in message and 'images=' in message


def test_many_missing(root):
    for file in sorted((root / 'train2014').iterdir())[:5]:
        file.unlink()
    message = refused(root, MissingDataError)
    assert '5 of 6 pictures' in message and '000000000011.jpg and 2 more.' in message and '000000000012' not in message


def test_those_that_are_not_used_are_not_needed(root):
    used = load(root, fold='held_out').media
    for file in (root / 'train2014').iterdir():
        if f'train2014/{file.name}' not in used:
            file.unlink()
    assert load(root, fold='held_out').notes == []


def test_no_folder(root):
    (root / 'train2014').rename(root / 'train')
    message = refused(root, MissingDataError)
    assert f'{root / "train2014"} cannot be listed: No such file' in message and f'Folders in {root}: train.' in message
    assert 'Folders in' in refused(root, MissingDataError, images=root / 'nowhere')


def test_unchecked_until_one_is_read(root):
    (root / 'train2014' / 'COCO_train2014_000000000010.jpg').unlink()
    dataset = load(root, check_images=False, preprocessing=PREPROCESSING)
    assert dataset[0]['id'] == '9000'
    with pytest.raises(MissingDataError, match='The picture of question 10000: .*000000000010.jpg is not there'):
        dataset[4]


@pytest.mark.parametrize('content', [b'', b'<html>', 'truncated'])
def test_a_damaged_one(root, content):
    file = root / 'train2014' / 'COCO_train2014_000000000009.jpg'
    if content == 'truncated':
        Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(file)
        content = file.read_bytes()[:1500]
    file.write_bytes(content)
    with pytest.raises(MissingDataError, match='The picture of question 9000: .*000000000009.jpg .*\nDownload it'):
        load(root, preprocessing=PREPROCESSING)[0]


def test_an_exchanged_one_names_the_question_it_is_shown_for(root):
    dataset = load(root, shuffle_media=0, preprocessing=PREPROCESSING)
    shown = dataset[0]['media']
    (root / shown).unlink()
    with pytest.raises(MissingDataError, match='The picture of question 9000: .*is not there'):
        dataset[1]
