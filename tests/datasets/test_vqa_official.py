"""Malformed variants of the official files: each is named with the file, what was found and what to do."""

import json

import numpy as np
import pytest
from PIL import Image
from vqa_fixture import annotation_file, question_file, write_vqa

from mmalm.datasets import VQAv2Dataset
from mmalm.errors import ConfigError, MissingDataError

PREPROCESSING = dict(size=(8, 8), mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))


@pytest.fixture
def root(tmp_path):
    return write_vqa(tmp_path / 'vqav2', 'train2014')


def load(root, split='train', **arguments):
    return VQAv2Dataset(split, root=root, **arguments)


def refused(root, error=ConfigError, split='train', **arguments) -> str:
    with pytest.raises(error) as caught:
        load(root, split, **arguments)
    return str(caught.value)


def rewrite(file, change) -> None:
    content = json.loads(file.read_text())
    file.write_text(json.dumps(change(content) or content))


class TestFiles:
    def test_no_questions(self, root):
        question_file(root, 'train2014').rename(root / 'v2_Questions_Train_mscoco.zip')
        message = refused(root, MissingDataError)
        assert f'VQA questions: {question_file(root, "train2014")} is not there.' in message
        assert 'In its folder: v2_Questions_Train_mscoco.zip, v2_mscoco_train2014_annotations.json.' in message

    def test_no_annotations(self, root):
        annotation_file(root, 'train2014').unlink()
        assert f'VQA annotations: {annotation_file(root, "train2014")} is not there.' in refused(root, MissingDataError)

    def test_no_folder(self, tmp_path):
        assert f'is not there, nor is its folder {tmp_path / "nowhere"}.' in refused(
            tmp_path / 'nowhere', MissingDataError
        )

    def test_a_folder_in_its_place(self, root):
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
    def test_another_encoding(self, root, encoding, found):
        file = question_file(root, 'train2014')
        file.write_bytes(file.read_text().encode(encoding))
        message = refused(root)
        assert f'{file} {found}' in message and 'save it as that' in message

    def test_latin_1(self, root):
        file = question_file(root, 'train2014')
        file.write_bytes(file.read_text().replace('net closed', 'café fermé').encode('latin-1'))
        assert f'{file} is no JSON in UTF-8' in refused(root)

    @pytest.mark.parametrize('kept', [0.1, 0.5, 0.99])
    def test_cut_off(self, root, kept):
        file = annotation_file(root, 'train2014')
        data = file.read_bytes()[: int(kept * file.stat().st_size)]
        file.write_bytes(data)
        assert f'{file} is cut off after {len(data):,} bytes. Download it' in refused(root, MissingDataError)

    def test_empty_file(self, root):
        question_file(root, 'train2014').write_bytes(b' \n')
        assert 'is empty. Download it' in refused(root, MissingDataError)

    def test_a_web_page(self, root):
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
    def test_another_shape(self, root, content, found):
        question_file(root, 'train2014').write_text(json.dumps(content))
        message = refused(root)
        assert found in message and 'docs/vqa.md' in message and 'VLAdapterVQADataset' in message

    def test_questions_and_annotations_exchanged(self, root):
        message = refused(root, questions=annotation_file(root, 'train2014'))
        assert 'missing required field `questions`' in message and 'a file of questions as published' in message

    @pytest.mark.parametrize('which', [question_file, annotation_file])
    def test_another_subset(self, root, which):
        write_vqa(root, 'val2014')
        name = 'questions' if which is question_file else 'annotations'
        file = which(root, 'val2014')
        assert f"{file} is of data_subtype 'val2014'; 'train2014' is wanted here." in refused(root, **{name: file})

    def test_abstract_scenes(self, root):
        rewrite(question_file(root, 'train2014'), lambda content: {**content, 'data_type': 'abstract_v002'})
        assert "is of data_type 'abstract_v002'" in refused(root)

    def test_without_a_data_subtype(self, root):
        rewrite(question_file(root, 'train2014'), lambda content: content.pop('data_subtype') and content)
        assert len(load(root)) == 18

    @pytest.mark.parametrize('which', [question_file, annotation_file])
    def test_an_empty_split(self, root, which):
        name = 'questions' if which is question_file else 'annotations'
        rewrite(which(root, 'train2014'), lambda content: {**content, name: []})
        assert f'has an empty list of {name}' in refused(root)


class TestEntries:
    @pytest.mark.parametrize(
        ('value', 'found'),
        [
            (2, 'Expected `str`, got `int`'),
            (None, 'Expected `str`, got `null`'),
            (['yes'], 'Expected `str`, got `array`'),
        ],
    )
    def test_answers_of_other_types(self, root, value, found):
        file = annotation_file(root, 'train2014')
        rewrite(file, lambda content: content['annotations'][3]['answers'][2].update(answer=value))
        message = refused(root)
        assert f'{file} has another content: {found} - at `annotations[3].answers[2].answer`' in message

    @pytest.mark.parametrize(
        ('name', 'value', 'found'),
        [
            ('question_id', '9001', 'Expected `int`, got `str`'),
            ('question_id', None, 'Expected `int`, got `null`'),
            ('image_id', -1, 'Expected `int` >= 0'),
            ('question', 7, 'Expected `str`, got `int`'),
        ],
    )
    def test_fields_of_other_types(self, root, name, value, found):
        rewrite(question_file(root, 'train2014'), lambda content: content['questions'][1].update({name: value}))
        message = refused(root)
        assert found in message and f'`questions[1].{name}`' in message

    def test_a_missing_field(self, root):
        rewrite(
            annotation_file(root, 'train2014'), lambda content: content['annotations'][4].pop('answers') and content
        )
        assert 'missing required field `answers` - at `annotations[4]`' in refused(root)

    def test_no_answers(self, root):
        rewrite(annotation_file(root, 'train2014'), lambda content: content['annotations'][4].update(answers=[]))
        assert 'length >= 1 - at `annotations[4].answers`' in refused(root)

    def test_a_question_without_text(self, root):
        rewrite(question_file(root, 'train2014'), lambda content: content['questions'][1].update(question=' '))
        assert '1 questions without text, of question_id 9001.' in refused(root)

    @pytest.mark.parametrize(('which', 'name'), [(question_file, 'questions'), (annotation_file, 'annotations')])
    def test_an_id_that_occurs_twice(self, root, which, name):
        file = which(root, 'train2014')
        rewrite(file, lambda content: content[name].extend(content[name][2:4] + content[name][2:3]))
        assert f'{file}: 2 question_ids occur more than once, such as 9002, 10000.' in refused(root)

    def test_questions_without_annotation(self, root):
        rewrite(annotation_file(root, 'train2014'), lambda content: content['annotations'].pop(0) and content)
        message = refused(root)
        assert '1 questions have no annotation, of question_id 9000. The two files belong to different' in message
        assert str(question_file(root, 'train2014')) in message

    def test_annotations_without_question(self, root):
        rewrite(question_file(root, 'train2014'), lambda content: content.update(questions=content['questions'][:11]))
        assert '7 annotations have no question, of question_id 12002, 13000, 13001, 13002, 14000 ...' in refused(root)

    def test_as_many_but_others(self, root):
        rewrite(question_file(root, 'train2014'), lambda content: content['questions'][0].update(question_id=5))
        assert '1 questions have no annotation, of question_id 5.' in refused(root)

    def test_another_picture(self, root):
        rewrite(annotation_file(root, 'train2014'), lambda content: content['annotations'][0].update(image_id=14))
        assert 'name different pictures (image_id) for 1 questions, of question_id 9000.' in refused(root)


class TestPictures:
    def test_a_missing_one(self, root):
        (root / 'train2014' / 'COCO_train2014_000000000011.jpg').unlink()
        message = refused(root, MissingDataError)
        assert (
            f'1 of 6 pictures that questions are asked about are not in {root}: train2014/COCO_train2014_000000000011.jpg.'
            in message
        )
        assert 'docs/vqa.md' in message and 'images=' in message

    def test_many_missing(self, root):
        for file in sorted((root / 'train2014').iterdir())[:5]:
            file.unlink()
        message = refused(root, MissingDataError)
        assert (
            '5 of 6 pictures' in message and '000000000011.jpg and 2 more.' in message and '000000000012' not in message
        )

    def test_those_that_are_not_used_are_not_needed(self, root):
        used = load(root, fold='held_out').media
        for file in (root / 'train2014').iterdir():
            if f'train2014/{file.name}' not in used:
                file.unlink()
        assert load(root, fold='held_out').notes == []

    def test_no_folder(self, root):
        (root / 'train2014').rename(root / 'train')
        message = refused(root, MissingDataError)
        assert (
            f'{root / "train2014"} cannot be listed: No such file' in message
            and f'Folders in {root}: train.' in message
        )
        assert 'Folders in' in refused(root, MissingDataError, images=root / 'nowhere')

    def test_unchecked_until_one_is_read(self, root):
        (root / 'train2014' / 'COCO_train2014_000000000010.jpg').unlink()
        dataset = load(root, check_images=False, preprocessing=PREPROCESSING)
        assert dataset[0]['id'] == '9000'
        with pytest.raises(MissingDataError, match='The picture of question 10000: .*000000000010.jpg is not there'):
            dataset[4]

    @pytest.mark.parametrize('content', [b'', b'<html>', 'truncated'])
    def test_a_damaged_one(self, root, content):
        file = root / 'train2014' / 'COCO_train2014_000000000009.jpg'
        if content == 'truncated':
            Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(file)
            content = file.read_bytes()[:1500]
        file.write_bytes(content)
        with pytest.raises(MissingDataError, match='The picture of question 9000: .*000000000009.jpg .*\nDownload it'):
            load(root, preprocessing=PREPROCESSING)[0]

    def test_an_exchanged_one_names_the_question_it_is_shown_for(self, root):
        dataset = load(root, shuffle_media=0, preprocessing=PREPROCESSING)
        shown = dataset[0]['media']
        (root / shown).unlink()
        with pytest.raises(MissingDataError, match='The picture of question 9000: .*is not there'):
            dataset[1]


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(split='tran'), "unknown split 'tran'. Did you mean 'train' or 'trainval'"),
        (dict(split='testdev'), "Did you mean 'test-dev'"),
        (dict(answer='sample'), "unknown answer 'sample'. Did you mean 'sampled'"),
        (dict(fold='heldout'), "unknown fold 'heldout'. Did you mean 'held_out'"),
        (dict(limit=0), 'from 1 on, or a part of them such as 0.01; found 0'),
        (dict(limit=1.5), 'found 1.5'),
        (dict(limit=True), 'found True'),
        (dict(limit='9'), "found '9'"),
        (dict(seed='x', limit=3), "seed='x' must be a whole number"),
        (dict(shuffle_media='x'), "shuffle_media is a seed, a whole number; found 'x'"),
        (
            dict(split='trainval', questions='one.json'),
            "questions needs 2 file.s., of train2014, val2014; found 'one.json'",
        ),
        (dict(questions=3), 'questions is a file or a list of files, found 3'),
        (dict(split='test', annotations='a.json'), "the answers of 'test' are not published"),
    ],
)
def test_arguments(root, arguments, message):
    with pytest.raises(ConfigError, match=message):
        load(root, **arguments)


def test_no_preprocessing(root):
    with pytest.raises(ConfigError, match='preprocessing=model.preprocessing'):
        load(root)[0]
