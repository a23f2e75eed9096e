"""Official files whose entries are not as published, or do not belong together."""

import pytest
from vqa_fixture import annotation_file, question_file, refused, rewrite, write_vqa

from mmalm.datasets import VQAv2Dataset


@pytest.fixture
def root(tmp_path):
    return write_vqa(tmp_path / 'vqav2', 'train2014')


@pytest.mark.parametrize('which', [question_file, annotation_file])
def test_another_subset(root, which):
    write_vqa(root, 'val2014')
    name = 'questions' if which is question_file else 'annotations'
    file = which(root, 'val2014')
    assert f"{file} is of data_subtype 'val2014'; 'train2014' is wanted here." in refused(root, **{name: file})


def test_abstract_scenes(root):
    rewrite(question_file(root, 'train2014'), lambda content: {**content, 'data_type': 'abstract_v002'})
    assert "is of data_type 'abstract_v002'" in refused(root)


def test_without_a_data_subtype(root):
    rewrite(question_file(root, 'train2014'), lambda content: content.pop('data_subtype') and content)
    assert len(VQAv2Dataset(root=root)) == 18


@pytest.mark.parametrize('which', [question_file, annotation_file])
def test_an_empty_split(root, which):
    name = 'questions' if which is question_file else 'annotations'
    rewrite(which(root, 'train2014'), lambda content: {**content, name: []})
    assert f'has an empty list of {name}' in refused(root)


@pytest.mark.parametrize(
    ('value', 'found'),
    [
        (2, 'Expected `str`, got `int`'),
        (None, 'Expected `str`, got `null`'),
        (['yes'], 'Expected `str`, got `array`'),
    ],
)
def test_answers_of_other_types(root, value, found):
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
def test_fields_of_other_types(root, name, value, found):
    rewrite(question_file(root, 'train2014'), lambda content: content['questions'][1].update({name: value}))
    message = refused(root)
    assert found in message and f'`questions[1].{name}`' in message


def test_a_missing_field(root):
    rewrite(annotation_file(root, 'train2014'), lambda content: content['annotations'][4].pop('answers') and content)
    assert 'missing required field `answers` - at `annotations[4]`' in refused(root)


def test_an_unknown_answer_type(root):
    file = annotation_file(root, 'train2014')
    rewrite(file, lambda content: content['annotations'][4].update(answer_type='yes-no'))
    message = refused(root)
    assert f"{file} has another content: Invalid enum value 'yes-no' - at `annotations[4].answer_type`" in message
    assert "An answer_type is one of 'yes/no', 'number', 'other'." in message


def test_no_answers(root):
    rewrite(annotation_file(root, 'train2014'), lambda content: content['annotations'][4].update(answers=[]))
    assert 'length >= 1 - at `annotations[4].answers`' in refused(root)


def test_a_question_without_text(root):
    rewrite(question_file(root, 'train2014'), lambda content: content['questions'][1].update(question=' '))
    assert '1 questions without text, of question_id 9001.' in refused(root)


@pytest.mark.parametrize(('which', 'name'), [(question_file, 'questions'), (annotation_file, 'annotations')])
def test_an_id_that_occurs_twice(root, which, name):
    file = which(root, 'train2014')
    rewrite(file, lambda content: content[name].extend(content[name][2:4] + content[name][2:3]))
    assert f'{file}: 2 question_ids occur more than once, such as 9002, 10000.' in refused(root)


def test_questions_without_annotation(root):
    rewrite(annotation_file(root, 'train2014'), lambda content: content['annotations'].pop(0) and content)
    message = refused(root)
    assert '1 questions have no annotation, of question_id 9000. The two files belong to different' in message
    assert str(question_file(root, 'train2014')) in message


def test_annotations_without_question(root):
    rewrite(question_file(root, 'train2014'), lambda content: content.update(questions=content['questions'][:11]))
    assert '7 annotations have no question, of question_id 12002, 13000, 13001, 13002, 14000 ...' in refused(root)


def test_as_many_but_others(root):
    rewrite(question_file(root, 'train2014'), lambda content: content['questions'][0].update(question_id=5))
    assert '1 questions have no annotation, of question_id 5.' in refused(root)


def test_another_picture(root):
    rewrite(annotation_file(root, 'train2014'), lambda content: content['annotations'][0].update(image_id=14))
    assert 'name different pictures (image_id) for 1 questions, of question_id 9000.' in refused(root)
