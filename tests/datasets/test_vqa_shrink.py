"""Both VQA data sets in miniature, as dry runs use them."""

import pytest
from vqa_fixture import PREPROCESSING

from mmalm.datasets import VLAdapterVQADataset, VQAv2Dataset, collate
from mmalm.registry import DATASETS


@pytest.mark.parametrize('split', ['train', 'val', 'trainval', 'test', 'test-dev'])
def test_the_official_files(tmp_path, split):
    arguments = dict(
        split=split, root='data/nowhere', questions='elsewhere.json', answer='most_common', limit=100, seed=2
    )
    small = VQAv2Dataset.shrink(arguments, tmp_path)
    assert {**arguments, 'root': small['root']} == {**small, 'questions': 'elsewhere.json'}
    dataset = VQAv2Dataset(**small, preprocessing=PREPROCESSING)
    assert len(dataset) == (16 if split == 'trainval' else 8) and dataset.notes == []
    assert min(dataset.load_media(dataset.media[0]).size) >= 32
    batch = collate(list(dataset))
    assert all(batch['answer']) != split.startswith('test')
    if not split.startswith('test'):
        assert set(batch['answer_type']) == {'yes/no', 'number', 'other'}
        held, fit = (VQAv2Dataset(**small | {'fold': fold}).media for fold in ('held_out', 'fit'))
        assert len(held) == 1 and sorted(held + fit) == sorted(dataset.media)


@pytest.mark.parametrize('annotations', [None, 'elsewhere.json'])
@pytest.mark.parametrize('split', ['karpathy_train', ['karpathy_val', 'karpathy_test']])
def test_the_adapters_files(tmp_path, split, annotations):
    arguments = dict(type='VLAdapterVQADataset', split=split, root='nowhere', annotations=annotations, seed=1)
    small = VLAdapterVQADataset.shrink(arguments, tmp_path)
    assert small.keys() - {'annotations'} == arguments.keys() - {'annotations'} and small['split'] == split
    dataset = DATASETS.build(small, preprocessing=PREPROCESSING)
    assert len(dataset) == 8 and all(s['answer'] for s in dataset)
    assert all(bool(s['human_answers']) == (annotations is not None) for s in dataset)
