"""Files that are missing, cut off, in other encodings or of other content: each is named, with what to do."""

import json

import pytest
from vqa_fixture import annotation_file, question_file, refused, write_vqa

from mmalm.errors import MissingDataError


@pytest.fixture
def root(tmp_path):
    return write_vqa(tmp_path / 'vqav2', 'train2014')


def test_no_questions(root):
    question_file(root, 'train2014').rename(root / 'v2_Questions_Train_mscoco.zip')
    message = refused(root, MissingDataError)
    assert f'VQA questions: {question_file(root, "train2014")} is not there.' in message
    assert 'In its folder: v2_Questions_Train_mscoco.zip, v2_mscoco_train2014_annotations.json.' in message


def test_no_annotations(root):
    annotation_file(root, 'train2014').unlink()
    assert f'VQA annotations: {annotation_file(root, "train2014")} is not there.' in refused(root, MissingDataError)


def test_no_folder(tmp_path):
    assert f'is not there, nor is its folder {tmp_path / "nowhere"}.' in refused(tmp_path / 'nowhere', MissingDataError)


def test_a_folder_in_its_place(root):
    assert 'cannot be read: Is a directory' in refused(root, MissingDataError, questions=root)


@pytest.mark.parametrize(
    ('encoding', 'found'),
    [
        ('utf-16', 'is in UTF-16.'),
        ('utf-16-le', 'is in UTF-16 or UTF-32.'),
        ('utf-32', 'is in UTF-32.'),
        ('utf-8-sig', 'is in UTF-8 with a byte order mark.'),
    ],
)
def test_another_encoding(root, encoding, found):
    file = question_file(root, 'train2014')
    file.write_bytes(file.read_text().encode(encoding))
    message = refused(root)
    assert f'{file} {found}' in message and 'save it as that' in message


def test_latin_1(root):
    file = question_file(root, 'train2014')
    file.write_bytes(file.read_text().replace('net closed', 'café fermé').encode('latin-1'))
    assert f'{file} is no JSON in UTF-8' in refused(root)


@pytest.mark.parametrize('kept', [0.1, 0.5, 0.99])
def test_cut_off(root, kept):
    file = annotation_file(root, 'train2014')
    data = file.read_bytes()[: int(kept * file.stat().st_size)]
    file.write_bytes(data)
    assert f'{file} is cut off after {len(data):,} bytes. Download it' in refused(root, MissingDataError)


def test_empty_file(root):
    question_file(root, 'train2014').write_bytes(b' \n')
    assert 'is empty. Download it' in refused(root, MissingDataError)


def test_a_web_page(root):
    question_file(root, 'train2014').write_text('<html>404</html>')
    message = refused(root)
    assert 'is no JSON in UTF-8' in message and "It begins: '<html>404</html>'" in message


@pytest.mark.parametrize(
    ('content', 'found'),
    [
        ([], 'Expected `object`, got `array` at the top'),
        (3, 'Expected `object`, got `int` at the top'),
        ({}, 'missing required field `questions`'),
        ({'questions': {}}, 'Expected `array`, got `object` - at `questions`'),
        ({'questions': [3]}, 'Expected `object`, got `int` - at `questions[0]`'),
    ],
)
def test_another_shape(root, content, found):
    question_file(root, 'train2014').write_text(json.dumps(content))
    message = refused(root)
    assert found in message and 'docs/vqa.md' in message and 'VLAdapterVQADataset' in message


def test_questions_and_annotations_exchanged(root):
    message = refused(root, questions=annotation_file(root, 'train2014'))
    assert 'missing required field `questions`' in message and 'a file of questions as published' in message
