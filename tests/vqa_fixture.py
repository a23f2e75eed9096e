"""VQA v2 in miniature, field for field as published: 6 pictures a subset, 3 questions about each."""

import json
from pathlib import Path

import pytest
from PIL import Image

from mmalm.datasets import VQAv2Dataset
from mmalm.errors import ConfigError

# what an encoder would ask for
PREPROCESSING = dict(size=(8, 8), mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
FIRST = {'train2014': 9, 'val2014': 42, 'test2015': 1, 'test-dev2015': 1}
PICTURES, EACH = 6, 3
INFO = {
    'description': 'This is v2.0 of the VQA dataset.',
    'url': 'http://visualqa.org',
    'version': '2.0',
    'year': 2017,
    'contributor': 'VQA Team',
    'date_created': '2017-04-26 17:07:13',
}
LICENSE = {
    'url': 'http://creativecommons.org/licenses/by/4.0/',
    'name': 'Creative Commons Attribution 4.0 International License',
}
ASKED = (
    ('Is the net closed?', 'is the', 'yes/no', ['yes'] * 7 + ['no'] * 3),
    ('How many   dogs are there??', 'how many', 'number', ['2', '2', '2', '2', '2', '2', '3', '3', '4', '2']),
    (
        'What is left of the dog?',
        'what is',
        'other',
        ['net', 'net', 'mesh', 'net', 'ball', 'net', 'net', 'net', 'mesh', 'net'],
    ),
)


def official(subset: str) -> tuple[dict, dict]:
    """The contents of the two files of a subset."""
    questions, annotations = [], []
    for number in range(PICTURES * EACH):
        image = FIRST[subset] + number // EACH
        text, question_type, answer_type, answers = ASKED[number % EACH]
        place = {'image_id': image, 'question_id': 1000 * image + number % EACH}
        questions.append({**place, 'question': text})
        given = [{'answer': a, 'answer_confidence': 'yes', 'answer_id': i + 1} for i, a in enumerate(answers)]
        kinds = {'question_type': question_type, 'answer_type': answer_type}
        annotations.append({**kinds, 'multiple_choice_answer': answers[0], 'answers': given, **place})
    common = {'info': INFO, 'license': LICENSE, 'data_type': 'mscoco', 'data_subtype': subset}
    return {**common, 'task_type': 'Open-Ended', 'questions': questions}, {**common, 'annotations': annotations}


def question_file(root: Path, subset: str) -> Path:
    return root / f'v2_OpenEnded_mscoco_{subset}_questions.json'


def annotation_file(root: Path, subset: str) -> Path:
    return root / f'v2_mscoco_{subset}_annotations.json'


def write_vqa(root: Path, subset: str, questions=None, annotations=None, pictures: Path | None = None) -> Path:
    """The files of a subset and its pictures, each of another grey; contents in place of the official ones where given."""
    root.mkdir(parents=True, exist_ok=True)
    contents = official(subset)
    question_file(root, subset).write_text(json.dumps(questions or contents[0]), encoding='utf-8')
    if not subset.startswith('test'):
        annotation_file(root, subset).write_text(json.dumps(annotations or contents[1]), encoding='utf-8')
    name = 'test2015' if subset.startswith('test') else subset
    folder = (pictures or root) / name
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(PICTURES):
        Image.new('RGB', (6, 4), (40 * number,) * 3).save(folder / f'COCO_{name}_{FIRST[subset] + number:012d}.jpg')
    return root


def write_adapter(root: Path, split: str = 'karpathy_train', entries: list | None = None) -> Path:
    """VL-adapter's file of a split about the train2014 pictures, and those."""
    write_vqa(root / 'official', 'train2014', pictures=root / 'COCO' / 'images')
    questions, annotations = official('train2014')
    made = [
        {
            'answer_type': a['answer_type'],
            'img_id': f'COCO_train2014_{q["image_id"]:012d}',
            'label': {'net': 1, 'mesh': 0.6, 'ball': 0.3}
            if a['answer_type'] == 'other'
            else {a['multiple_choice_answer']: 1},
            'question_id': q['question_id'],
            'question_type': a['question_type'],
            'sent': q['question'],
        }
        for q, a in zip(questions['questions'], annotations['annotations'], strict=True)
    ]
    file = root / 'vqa' / f'{split}.json'
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(made if entries is None else entries), encoding='utf-8')
    return root


def refused(root, error=ConfigError, split='train', **arguments) -> str:
    """What a data set says that cannot be made."""
    with pytest.raises(error) as caught:
        VQAv2Dataset(split, root=root, **arguments)
    return str(caught.value)


def rewrite(file, change) -> None:
    """Change the content of a JSON file, in place or by what ``change`` returns."""
    content = json.loads(file.read_text())
    file.write_text(json.dumps(change(content) or content))
