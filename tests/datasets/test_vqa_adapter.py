import json
from collections import Counter

import pytest
import torch
from vqa_fixture import PREPROCESSING, annotation_file, write_adapter, write_vqa

from mmalm.datasets import VLAdapterVQADataset, collate
from mmalm.errors import ConfigError, MissingDataError


@pytest.fixture
def root(tmp_path):
    return write_adapter(tmp_path / 'data')


def vqa(root, split='karpathy_train', **arguments):
    return VLAdapterVQADataset(split, root=str(root), preprocessing=PREPROCESSING, **arguments)


def entries(root) -> list[dict]:
    return json.loads((root / 'vqa' / 'karpathy_train.json').read_text())


class TestSamples:
    def test_a_sample(self, root):
        sample = vqa(root, answer='most_common')[4]
        assert sample.pop('pixels').shape == (3, 8, 8)
        assert sample == {
            'id': '10001',
            'question_id': 10001,
            'media': 'train2014/COCO_train2014_000000000010.jpg',
            'task': 'vqa',
            # the released code writes 'there???': the file's two marks and one of its own
            'question': 'How many dogs are there?',
            'answer': '2',
            'answers': [],
            'references': ['2'],
            'human_answers': [],
            'answer_type': 'number',
            'question_type': 'how many',
        }

    def test_answers_are_drawn_by_their_score(self, root):
        dataset = vqa(root)
        torch.manual_seed(0)
        drawn = Counter(dataset[2]['answer'] for _ in range(1900))
        assert drawn['net'] == pytest.approx(1000, abs=70) and drawn['mesh'] == pytest.approx(600, abs=70)
        assert set(drawn) == {'net', 'mesh', 'ball'}

    @pytest.mark.parametrize('label', [{}, {'net': 0}, None])
    def test_a_question_without_scored_answers(self, root, label, capsys):
        changed = entries(root)
        changed[2]['label'] = label
        dataset = vqa(write_adapter(root, entries=changed))
        assert dataset[2]['answer'] == '' and vqa(root, answer='most_common')[2]['answer'] == ''
        assert '1 of 18 questions have no scored answer' in capsys.readouterr().out

    def test_a_file_without_answers(self, root):
        asked = [{'question_id': e['question_id'], 'img_id': e['img_id'], 'question': e['sent']} for e in entries(root)]
        sample = vqa(write_adapter(root, 'asked', asked), 'asked')[0]
        assert (sample['question'], sample['answer'], sample['answer_type']) == ('Is the net closed?', '', '')

    def test_ids_of_letters_and_leading_zeros(self, root):
        changed = entries(root)
        changed[0]['question_id'] = '07333408'
        sample = vqa(write_adapter(root, entries=changed))[0]
        assert sample['id'] == sample['question_id'] == '07333408'

    def test_human_answers_from_the_official_files(self, root):
        official = annotation_file(root / 'official', 'train2014')
        dataset = vqa(root, annotations=str(official))
        assert dataset[0]['human_answers'] == ['yes'] * 7 + ['no'] * 3
        assert collate(list(dataset))['human_answers'][2].count('mesh') == 2

    def test_several_files(self, root):
        first, rest = entries(root)[:5], entries(root)[5:]
        write_adapter(root, 'a', first)
        dataset = vqa(write_adapter(root, 'b', rest), ['a', 'b'], answer='most_common')
        whole = vqa(root, answer='most_common')
        assert [s['id'] for s in dataset] == [s['id'] for s in whole]
        assert [dataset.soft_scores(i) for i in range(18)] == [whole.soft_scores(i) for i in range(18)]

    def test_drawn_in_training_alone_unless_told(self, root):
        write_adapter(root, 'karpathy_val')
        assert vqa(root).answer == 'sampled'
        assert vqa(root, fold='held_out').answer == vqa(root, 'karpathy_val').answer == 'most_common'

    def test_a_submission(self, root):
        dataset = vqa(root)
        predictions = [{'id': s['id'], 'generated': s['answer_type']} for s in dataset]
        assert dataset.submission(predictions)[0] == {'question_id': 9000, 'answer': 'yes no'}


class TestMistakes:
    @pytest.mark.parametrize(
        ('change', 'message'),
        [
            ({'img_id': '000000000009'}, "question 9000 has img_id '000000000009'; one such as COCO_train2014_0"),
            ({'img_id': 'COCO_train2014_000000000009/../../x'}, 'has img_id'),
            ({'sent': ' '}, 'question 9000 has no text, neither as "sent" nor as "question"'),
            ({'sent': None}, 'question 9000 has no text'),
            ({'label': {'yes': 'much'}}, r'Expected `float`, got `str` - at `\[0\].label\[...\]`'),
            ({'label': {'yes': -1}}, 'Expected `float` >= 0'),
            ({'label': ['yes']}, 'Expected `object.*got `array` - at'),
            ({'question_id': None}, r'Expected `int . str`, got `null` - at `\[0\].question_id`'),
            ({'answer_type': 'count'}, r"(?s)'count' - at `\[0\].answer_type`.*one of 'yes/no', 'number', 'other'"),
            ({'question_id': 9001}, '1 question_ids occur more than once, such as 9001'),
        ],
    )
    def test_entries(self, root, change, message):
        changed = entries(root)
        changed[0].update(change)
        with pytest.raises(ConfigError, match=message):
            vqa(write_adapter(root, entries=changed))

    def test_an_official_file(self, root):
        write_vqa(root / 'vqa', 'train2014')
        with pytest.raises(ConfigError, match='Expected `array`, got `object`.*\nWanted: .*VQAv2Dataset'):
            vqa(root, 'v2_OpenEnded_mscoco_train2014_questions')

    def test_no_such_split(self, root):
        with pytest.raises(
            MissingDataError, match='karpathy_trian.json is not there. In its folder: karpathy_train.json'
        ):
            vqa(root, 'karpathy_trian')

    def test_an_empty_file(self, root):
        with pytest.raises(ConfigError, match='has an empty list of questions'):
            vqa(write_adapter(root, 'none', []), 'none')

    @pytest.mark.parametrize('split', [[], 3, [3]])
    def test_a_split_that_is_no_name(self, root, split):
        with pytest.raises(ConfigError, match='split is a name or a list of names'):
            vqa(root, split)

    def test_annotations_of_other_questions(self, root, tmp_path):
        write_vqa(tmp_path / 'other', 'val2014')
        with pytest.raises(ConfigError, match='18 of 18 questions, such as 9000, have no annotation in .*val2014'):
            vqa(root, annotations=annotation_file(tmp_path / 'other', 'val2014'))
