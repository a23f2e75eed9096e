import json
from collections import Counter

import pytest
import torch
from PIL import Image
from tiny_pictures import tiny_encoder
from vqa_fixture import PREPROCESSING, annotation_file, official, question_file, rewrite, write_vqa

from mmalm.datasets import CachedFeatures, FeatureCache, VQAv2Dataset, collate
from mmalm.errors import ConfigError
from mmalm.metrics import VQAAccuracy
from mmalm.registry import DATASETS


@pytest.fixture
def root(tmp_path):
    return write_vqa(tmp_path / 'vqav2', 'train2014')


def vqa(root, split='train', **arguments):
    return VQAv2Dataset(split, root=str(root), preprocessing=PREPROCESSING, **arguments)


class TestSamples:
    def test_a_sample(self, root):
        sample = vqa(root, answer='most_common')[5]
        pixels = sample.pop('pixels')
        assert sample == {
            'id': '10002',
            'question_id': 10002,
            'media': 'train2014/COCO_train2014_000000000010.jpg',
            'task': 'vqa',
            'question': 'What is left of the dog?',
            'answer': 'net',
            'answers': [],
            'references': ['net', 'mesh', 'ball'],
            'human_answers': ['net', 'net', 'mesh', 'net', 'ball', 'net', 'net', 'net', 'mesh', 'net'],
            'answer_type': 'other',
            'question_type': 'what is',
        }
        assert pixels.shape == (3, 8, 8) and torch.allclose(pixels, torch.full((3, 8, 8), 40 / 255), atol=0.01)

    def test_in_the_files_order_whatever_that_of_the_annotations(self, root):
        questions, annotations = official('train2014')
        annotations['annotations'].reverse()
        questions['questions'][0], questions['questions'][7] = questions['questions'][7], questions['questions'][0]
        write_vqa(root, 'train2014', questions, annotations)
        dataset = vqa(root)
        assert [s['question_id'] for s in dataset][:3] == [11001, 9001, 9002]
        assert [dataset[i]['answer_type'] for i in range(3)] == ['number', 'number', 'other']

    def test_questions_end_with_one_mark(self, root):
        assert vqa(root)[1]['question'] == 'How many dogs are there?'

    def test_both_years_together(self, root):
        write_vqa(root, 'val2014')
        dataset = vqa(root, 'trainval')
        assert len(dataset) == 36 and len({s['id'] for s in dataset}) == 36
        assert dataset[20]['media'] == 'val2014/COCO_val2014_000000000042.jpg'
        assert dataset[20]['human_answers'] == vqa(root, 'val')[2]['human_answers']

    @pytest.mark.parametrize(('split', 'subset'), [('test', 'test2015'), ('test-dev', 'test-dev2015')])
    def test_test_splits_have_no_answers(self, tmp_path, split, subset):
        sample = vqa(write_vqa(tmp_path, subset), split)[17]
        assert sample['media'] == 'test2015/COCO_test2015_000000000006.jpg'
        empty = ('answer', 'answers', 'references', 'human_answers', 'answer_type', 'question_type')
        assert [sample[name] for name in empty] == ['', [], [], [], '', '']

    def test_files_elsewhere(self, root, tmp_path):
        moved = tmp_path / 'elsewhere'
        moved.mkdir()
        files = [
            file(root, 'train2014').rename(moved / name)
            for file, name in ((question_file, 'q'), (annotation_file, 'a'))
        ]
        (root / 'train2014').rename(moved / 'train2014')
        dataset = VQAv2Dataset(questions=files[0], annotations=str(files[1]), images=moved, preprocessing=PREPROCESSING)
        assert dataset[0]['answer_type'] == 'yes/no' and len(dataset) == 18

    def test_built_from_a_config(self, root):
        config = dict(
            type='VQAv2Dataset', split='train', root=str(root), transform=dict(type='ImageTransform', resize='crop')
        )
        dataset = DATASETS.build(config, preprocessing=PREPROCESSING)
        assert dataset.transform.resize == 'crop'
        batch = collate([dataset[0], dataset[4]])
        assert batch['pixels'].shape == (2, 3, 8, 8) and batch['answer_type'] == ['yes/no', 'number']

    def test_features_are_cached(self, root, tmp_path):
        encoder = tiny_encoder()
        dataset = VQAv2Dataset(root=root, preprocessing=encoder.preprocessing, answer='most_common')
        cache = FeatureCache(folder=tmp_path / 'cache', encoder=encoder, transform=dataset.transform)
        assert cache.fill(dataset, progress=False) == 6
        cached = CachedFeatures(dataset, cache)[8]
        torch.testing.assert_close(cached['features'], encoder(dataset[8]['pixels'][None]).cls[0])
        assert cached['answer'] == 'net'

    def test_its_samples_are_what_the_metric_scores(self, root):
        dataset = vqa(root, answer='most_common')
        batch = collate(list(dataset))
        metric = VQAAccuracy()
        metric.process(
            batch, [{'id': i, 'generated': answer} for i, answer in zip(batch['id'], batch['answer'], strict=True)]
        )
        assert metric.evaluate(18)['vqa/overall'] == 1


class TestAnswers:
    def test_drawn_in_proportion_to_the_soft_score(self, root):
        dataset = vqa(root)
        torch.manual_seed(0)
        drawn = Counter(dataset[2]['answer'] for _ in range(1900))
        # 7 of 10 said net (1), 2 mesh (0.6), 1 ball (0.3)
        assert dataset.soft_scores(2) == pytest.approx({'net': 1, 'mesh': 0.6, 'ball': 0.3})
        assert drawn['net'] == pytest.approx(1000, abs=70) and drawn['mesh'] == pytest.approx(600, abs=70)
        assert set(drawn) == {'net', 'mesh', 'ball'}

    def test_draws_follow_torchs_generator(self, root):
        dataset = vqa(root)
        torch.manual_seed(3)
        first = [dataset[2]['answer'] for _ in range(20)]
        torch.manual_seed(3)
        assert [dataset[2]['answer'] for _ in range(20)] == first and len(set(first)) > 1

    def test_no_answer_to_draw(self, root):
        questions, annotations = official('train2014')
        for given in annotations['annotations'][0]['answers']:
            given['answer'] = ' '
        sample = vqa(write_vqa(root, 'train2014', questions, annotations))[0]
        assert sample['answer'] == '' and sample['human_answers'] == [''] * 10

    def test_drawn_in_training_alone_unless_told(self, root):
        write_vqa(root, 'val2014')
        sampled = {('train', 'all'), ('train', 'fit'), ('trainval', 'fit')}
        for split in ('train', 'val', 'trainval'):
            for fold in ('all', 'fit', 'held_out'):
                found = vqa(root, split, fold=fold).answer
                expected = (split, fold) in sampled or (split, fold) == ('trainval', 'all')
                assert found == ('sampled' if expected else 'most_common')
        assert vqa(root, answer='most_common').answer == 'most_common'
        assert vqa(root, 'val', answer='sampled').answer == 'sampled'


class TestParts:
    def test_folds_share_no_picture_and_lose_no_question(self, root):
        fit, held = vqa(root, fold='fit'), vqa(root, fold='held_out')
        assert (len(fit), len(held), len(held.media)) == (15, 3, 1)
        assert set(fit.media) | set(held.media) == set(vqa(root).media)
        assert not set(fit.media) & set(held.media)
        assert sorted([*fit.rows, *held.rows]) == list(range(18))

    def test_a_seed_chooses_the_fold(self, root):
        assert vqa(root, fold='held_out').media == vqa(root, fold='held_out', shuffle_media=None).media
        assert len({tuple(vqa(root, fold='held_out', seed=seed).media) for seed in range(20)}) > 3

    def test_a_smaller_limit_is_part_of_a_larger_one(self, root):
        few, more = (set(vqa(root, limit=limit).rows.tolist()) for limit in (4, 11))
        assert len(few) == 4 and len(more) == 11 and few < more
        assert vqa(root, limit=0.5).rows.tolist() == vqa(root, limit=9).rows.tolist()
        assert len(vqa(root, limit=100)) == 18
        assert set(vqa(root, limit=4).media) == {s['media'] for s in vqa(root, limit=4)}

    def test_exchanged_pictures(self, root):
        plain, exchanged = vqa(root, answer='most_common'), vqa(root, answer='most_common', shuffle_media=1)
        assert sorted(exchanged.media) == sorted(plain.media)
        for one, other in zip(plain, exchanged, strict=True):
            assert one['media'] != other['media'] and one['id'] == other['id'] and one['answer'] == other['answer']
            assert not torch.equal(one['pixels'], other['pixels'])


class TestSubmission:
    @pytest.fixture
    def dataset(self, tmp_path):
        return vqa(write_vqa(tmp_path, 'test-dev2015'), 'test-dev')

    def test_the_servers_file(self, dataset):
        predictions = [
            {'id': s['id'], 'generated': f' The answer {i}.\n', 'ranked': None} for i, s in enumerate(dataset)
        ]
        entries = dataset.submission(predictions[::-1])
        assert entries[0] == {'question_id': 1000, 'answer': 'answer 0'}
        assert [e['question_id'] for e in entries] == [s['question_id'] for s in dataset]
        assert json.loads(json.dumps(entries)) == entries

    def test_not_of_a_part(self, tmp_path):
        root = write_vqa(tmp_path, 'test-dev2015')
        with pytest.raises(ConfigError, match='leave fold and limit out'):
            vqa(root, 'test-dev', limit=3).submission([])


class TestNotes:
    def test_pictures_without_a_question_are_counted(self, root, capsys):
        Image.new('RGB', (4, 4)).save(root / 'train2014' / 'COCO_train2014_000000000077.jpg')
        (root / 'train2014' / 'notes.txt').touch()
        dataset = vqa(root, limit=1)
        assert dataset.notes == ['1 pictures are not asked about']
        assert capsys.readouterr().out == 'VQAv2Dataset train: 1 pictures are not asked about.\n'

    def test_mirrored_pictures_and_questions_of_left_and_right(self, root, capsys):
        mirrored = dict(type='ImageTransform', augment=dict(flip='always'))
        assert '6 of 18 questions speak of left or right' in vqa(root, transform=mirrored).notes[0]
        capsys.readouterr()
        for augment in (None, dict(flip=False), dict(flip=True)):
            vqa(root, transform=dict(type='ImageTransform', augment=augment))
        assert capsys.readouterr().out == ''


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
        VQAv2Dataset(**{'root': root, **arguments})


def test_no_preprocessing(root):
    with pytest.raises(ConfigError, match='preprocessing=model.preprocessing'):
        VQAv2Dataset(root=root)[0]


class TestAsClassification:
    """Of every picture's three questions: yes or no, 2 (or 3, 4), net (or mesh, ball)."""

    @pytest.fixture
    def vocabulary(self, tmp_path):
        def write(*answers):
            (tmp_path / 'vocabulary.json').write_text(json.dumps(answers))
            return tmp_path / 'vocabulary.json'

        return write

    def test_soft_answers(self, root):
        for rule in ('official', 'counted'):
            sample = vqa(root, soft_answers=rule)[2]
            assert sample['soft_answers'] == pytest.approx({'net': 1.0, 'mesh': 0.6, 'ball': 0.3})
        assert 'soft_answers' not in vqa(root)[2]

    def test_what_cannot_be_answered_is_not_trained_on(self, root, vocabulary, capsys):
        found = vqa(root, vocabulary=vocabulary('yes', 'mesh'))
        assert len(found) == 12 and {sample['answer_type'] for sample in found} == {'yes/no', 'other'}
        assert found.notes == [
            "6 of 18 questions have no answer among the 2 of vocabulary.json ('2', '2', '2'), and are left out"
        ]
        assert found.notes[0] in capsys.readouterr().out
        with pytest.raises(ConfigError, match='A submission answers every question'):
            found.submission([])

    def test_but_counts_as_wrong_where_a_model_is_judged(self, tmp_path, vocabulary):
        root = write_vqa(tmp_path / 'val', 'val2014')
        found = vqa(root, 'val', vocabulary=vocabulary('yes', 'mesh'), soft_answers='official')
        assert len(found) == 18 and found.notes[0].endswith('; they count as answered wrongly')
        samples = list(found)
        assert [sample['answerable'] for sample in samples[:3]] == [True, False, True]
        metric = VQAAccuracy(mode='classified')
        metric.process(None, [{**sample, 'classified': 'yes'} for sample in samples])
        assert metric.evaluate(18)['vqa/overall'] == pytest.approx(1 / 3)

    def test_both_can_be_told(self, root, vocabulary):
        file = vocabulary('yes')
        assert len(vqa(root, vocabulary=file, outside='keep')) == 18
        assert len(vqa(root, vocabulary=file, fold='held_out')) == 3  # judged by
        assert len(vqa(root, vocabulary=file, fold='held_out', outside='leave_out')) == 1

    def test_the_rule_decides_what_is_in_it(self, root, vocabulary):
        def spell(content):
            for annotation in content['annotations']:
                for given in annotation['answers']:
                    given['answer'] = {'2': 'Two'}.get(given['answer'], given['answer'])

        rewrite(annotation_file(root, 'train2014'), spell)
        file = vocabulary('yes', '2')
        assert [len(vqa(root, vocabulary=file, soft_answers=rule)) for rule in ('official', 'counted')] == [12, 6]

    def test_nothing_is_known_of_test_splits(self, tmp_path, vocabulary):
        root = write_vqa(tmp_path / 'test', 'test2015')
        found = vqa(root, 'test', vocabulary=vocabulary('yes'), soft_answers='official')
        assert len(found) == 18 and found.notes == [] and found[0]['soft_answers'] == {}

    def test_a_vocabulary_of_other_data(self, root, vocabulary):
        with pytest.raises(ConfigError, match='18 of 18 questions have no answer among the 1 .*build_vocabulary'):
            vqa(root, vocabulary=vocabulary('giraffe'))
        with pytest.raises(ConfigError, match='has no answer'):
            vqa(root, vocabulary=vocabulary())
