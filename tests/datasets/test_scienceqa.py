"""ScienceQA as published: prompts, questions without a picture, results for its evaluation."""

import copy
import json

import pytest
import torch
from tiny_pictures import tiny_encoder

from mmalm.datasets import CachedFeatures, FeatureCache, ScienceQADataset
from mmalm.datasets.media.blank import BLANK
from mmalm.datasets.media.synthetic import write_media
from mmalm.errors import ConfigError, MissingDataError

PREPROCESSING = dict(size=(8, 8), mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
# with every field of the published file
PICTURED = {
    'question': 'Which of these  states is farthest north?',
    'choices': ['West Virginia', 'Louisiana', 'Arizona'],
    'answer': 0,
    'hint': '',
    'image': 'image.png',
    'task': 'closed choice',
    'grade': 'grade2',
    'subject': 'social science',
    'topic': 'geography',
    'category': 'Geography',
    'skill': 'Read a map: cardinal directions',
    'lecture': 'Maps have four directions.\nA compass rose shows them.',
    'solution': 'West Virginia is farthest north.',
    'split': 'train',
}
PLAIN = {
    **PICTURED,
    'choices': ['a', 'b'],
    'answer': 1,
    'hint': 'Read this.',
    'image': None,
    'grade': 'grade8',
    'subject': 'language science',
    'lecture': '',
    'solution': '',
}
PROBLEMS = {'1': PICTURED, '5': PLAIN, '9': PLAIN}
SPLITS = {'train': ['1', '5', '9'], 'val': [], 'test': []}


def scienceqa(root, problems=PROBLEMS, splits=SPLITS, split='train', **arguments):
    write_media(root / 'images' / 'train' / '1' / 'image.png', 'image', 1)
    (root / 'problems.json').write_text(json.dumps(problems))
    (root / 'pid_splits.json').write_text(json.dumps(splits))
    arguments = {'without_picture': 'blank', 'preprocessing': PREPROCESSING, **arguments}
    return ScienceQADataset(split, root=root, **arguments)


def test_a_sample(tmp_path):
    sample = scienceqa(tmp_path)[0]
    assert sample.pop('pixels').shape == (3, 8, 8)
    answer = 'The answer is A. BECAUSE: Maps have four directions.\\nA compass rose shows them. West Virginia is farthest north.'
    assert sample == {
        'id': '1',
        'media': 'train/1/image.png',
        'task': 'scienceqa',
        'question': 'Question: Which of these states is farthest north?\nContext: N/A\n'
        'Options: (A) West Virginia (B) Louisiana (C) Arizona\nResponse:',
        'answer': answer,
        'answers': [],
        'references': [answer],
        'choices': ['West Virginia', 'Louisiana', 'Arizona'],
        'right_choice': 0,
        'subject': 'social science',
        'grade': 'grade2',
        'has_text': False,
        'has_picture': True,
    }


@pytest.mark.parametrize(
    ('form', 'question', 'answer'),
    [
        ('QCM-A', 'Question: Which', 'The answer is A.'),
        ('CQM-AE', 'Context: N/A\nQuestion: ', 'The answer is A. BECAUSE: West Virginia is farthest north.'),
        ('MQC-EA', 'Options: (A) West', 'West Virginia is farthest north. The answer is A.'),
    ],
)
def test_formats(tmp_path, form, question, answer):
    sample = scienceqa(tmp_path, format=form)[0]
    assert sample['question'].startswith(question) and sample['question'].endswith('\nResponse:')
    assert sample['answer'] == answer


def test_nothing_is_said_because_of_nothing(tmp_path):
    sample = scienceqa(tmp_path)[1]
    assert sample['answer'] == 'The answer is B.' and 'Context: Read this.' in sample['question']


@pytest.mark.parametrize('form', ['QCM', 'QC-A', 'QCM-LE', 'QCM-LAE', 'QCM-AA', 'QCM-AX', 'QCMQ-A', ''])
def test_unknown_formats(tmp_path, form):
    with pytest.raises(ConfigError, match='unknown format .*QCM-ALE'):
        scienceqa(tmp_path, format=form)


class TestWithoutPicture:
    def test_it_has_to_be_told(self, tmp_path):
        with pytest.raises(ConfigError, match="2 of 3 questions have no picture.*without_picture='blank'.*found None"):
            scienceqa(tmp_path, without_picture=None)

    def test_a_white_one_is_shown(self, tmp_path):
        found = scienceqa(tmp_path)
        assert found.notes == ['2 of 3 questions have no picture: a white picture is shown in its place']
        assert found.media == ['train/1/image.png', BLANK] and found[1]['media'] == BLANK
        assert torch.equal(found[1]['pixels'], torch.ones(3, 8, 8)) and not found[1]['has_picture']
        assert found.media_path(BLANK).is_file()  # by whose content features are kept

    def test_or_they_are_left_out(self, tmp_path):
        found = scienceqa(tmp_path, without_picture='leave_out')
        assert len(found) == 1 and found.notes == ['2 of 3 questions have no picture: left out']
        with pytest.raises(ConfigError, match='A submission answers every question'):
            found.submission([])

    def test_a_split_without_any_needs_no_files(self, tmp_path):
        found = scienceqa(tmp_path, splits={'train': ['5', '9']}, images=tmp_path / 'nowhere', unreadable='leave_out')
        assert len(found) == 2

    def test_their_features_are_cached_once(self, tmp_path, monkeypatch):
        monkeypatch.setenv('MMALM_HOME', str(tmp_path / 'home'))
        encoder = tiny_encoder()
        found = scienceqa(tmp_path, preprocessing=encoder.preprocessing)
        cache = FeatureCache(None, encoder, found.transform)
        assert cache.fill(found, progress=False) == 2
        first, blank, other = (sample['features'] for sample in CachedFeatures(found, cache))
        assert torch.equal(blank, other) and not torch.equal(first, blank)

    def test_exchanged_pictures_leave_them_blank(self, tmp_path):
        for name in ('2', '3'):
            write_media(tmp_path / 'images' / 'train' / name / 'image.png', 'image', int(name))
        problems = {**PROBLEMS, '2': PICTURED, '3': PICTURED}
        found = scienceqa(tmp_path, problems, {'train': list(problems)}, shuffle_media=0)
        shown = {sample['id']: sample['media'] for sample in found}
        assert shown['5'] == shown['9'] == BLANK
        pictured = {name: shown[name] for name in '123'}
        assert sorted(pictured.values()) == [f'train/{name}/image.png' for name in '123']
        assert all(media != f'train/{name}/image.png' for name, media in pictured.items())

    def test_each_is_held_out_by_itself(self, tmp_path):
        problems = {str(number): PLAIN for number in range(100)}
        splits = {'train': list(problems)}
        held = scienceqa(tmp_path, problems, splits, fold='held_out')
        fit = scienceqa(tmp_path, problems, splits, fold='fit')
        assert (len(held), len(fit)) == (2, 98)


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'answer': 3}, '1 problems have an answer that is no choice, such as 1: number 3 of 3'),
        ({'choices': ['a']}, 'has another content: Expected `array` of length >= 2'),
        ({'question': None}, 'has another content'),
    ],
)
def test_mistakes_in_problems(tmp_path, change, message):
    problems = copy.deepcopy(PROBLEMS)
    problems['1'].update(change)
    with pytest.raises(ConfigError, match=message):
        scienceqa(tmp_path, problems)


def test_mistakes_in_splits(tmp_path):
    with pytest.raises(ConfigError, match="no split 'vall'. Did you mean 'val'"):
        scienceqa(tmp_path, split='vall')
    with pytest.raises(ConfigError, match="1 of 1 ids of 'train' have no problem .*such as 7"):
        scienceqa(tmp_path, splits={'train': ['7']})
    with pytest.raises(MissingDataError, match='pid_splits.json is not there'):
        ScienceQADataset(root=tmp_path / 'nowhere')


def test_results_for_the_official_evaluation(tmp_path):
    texts = {'1': 'The answer is B. BECAUSE: the answer is A.', '5': 'The answer is C.', '9': 'Maybe A.'}
    given = [{'id': name, 'generated': text} for name, text in texts.items()]
    # C is no choice of two, and 9 names none
    assert scienceqa(tmp_path).submission(given) == {'results': {'1': 1, '5': -1, '9': -1}}
