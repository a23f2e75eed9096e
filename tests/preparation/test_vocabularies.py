"""Vocabularies by their rules."""

import json

import pytest

from mmalm.datasets import GQADataset, StampsDataset, VQAv2Dataset
from mmalm.datasets.blind import texts
from mmalm.errors import ConfigError, MissingDataError
from mmalm.preparation.vocabularies import RULES, find_rule, official_vocabulary, vocabulary_of

A = 'v2_mscoco_{}_annotations.json'


@pytest.fixture
def vqa(tmp_path):
    """8 questions of the training and 8 of the validation split of VQA v2."""
    VQAv2Dataset.shrink({}, tmp_path)
    given = {'train2014': ['Two', 'the cat', 'dog', '1,000'], 'val2014': ['2.', 'cat', 'Dog!', 'none']}
    for subset, answers in given.items():
        file = tmp_path / 'vqav2' / A.format(subset)
        content = json.loads(file.read_text())
        for number, annotation in enumerate(content['annotations']):
            annotation['multiple_choice_answer'] = answers[number % 4]
        file.write_text(json.dumps(content))
    return tmp_path / 'vqav2'


def test_vqa(vqa):
    content = official_vocabulary(RULES['vqav2'], vqa, least=4)
    # normalised as the evaluation does, in both splits together; as frequent, so by their letters
    assert content['answers'] == ['2', 'cat', 'dog'] and content['count'] == 3
    assert content['source'].keys() == {A.format('train2014'), A.format('val2014')}
    assert all(len(digest) == 64 for digest in content['source'].values())
    assert content['rule'].startswith('answers that 4 questions or more have as multiple_choice_answer, normalised')
    assert official_vocabulary(RULES['vqav2'], vqa, least=2)['answers'] == ['2', 'cat', 'dog', '0', '1000']
    assert official_vocabulary(RULES['vqav2'], vqa, least=4) == content


def test_as_published_nine_times(vqa):
    assert (RULES['vqav2'].least, RULES['vqav2'].published) == (9, 3129)
    with pytest.raises(ConfigError, match='val2014_annotations.json: no answer occurs so often .answers that 9'):
        official_vocabulary(RULES['vqav2'], vqa)
    (vqa / A.format('val2014')).unlink()
    with pytest.raises(MissingDataError, match='is not there'):
        official_vocabulary(RULES['vqav2'], vqa)


def test_gqa_has_the_training_answers(tmp_path):
    GQADataset.shrink({'split': 'train'}, tmp_path)
    content = official_vocabulary(RULES['gqa'], tmp_path / 'gqa')
    assert content['answers'] == ['red', 'yes'] and list(content['source']) == ['train_balanced_questions.json']


def test_snli_ve_has_three(tmp_path):
    content = official_vocabulary(RULES['snli_ve'], tmp_path)
    assert content['answers'] == ['contradiction', 'neutral', 'entailment'] and content['source'] == {}


def test_no_rule():
    with pytest.raises(ConfigError, match="No rule for a vocabulary of 'vqa2'. Did you mean 'vqav2'"):
        find_rule('vqa2')


def test_of_any_data_set(tmp_path):
    dataset = StampsDataset(**StampsDataset.shrink({'split': 'train', 'tasks': ('kind',)}, tmp_path))
    (tmp_path / 'config.py').write_text('')
    content = vocabulary_of(dataset, 'config.py', tmp_path / 'config.py')
    asked = {sample['answer'] for sample in texts(dataset)}
    assert set(content['answers']) == asked and list(content['source']) == ['config.py']
    with pytest.raises(ConfigError, match='no answer occurs so often'):
        vocabulary_of(dataset, 'config.py', tmp_path / 'config.py', least=10**6)
