from collections import Counter

import pytest
import torch
from PIL import Image

from mmalm.datasets import collate
from mmalm.datasets.rows import Row, RowsDataset, clean_question
from mmalm.errors import ConfigError, MissingDataError


@pytest.mark.parametrize(
    ('text', 'expected'),
    [
        ('What is this?', 'What is this?'),
        ('What is this', 'What is this?'),
        ('What  is\tthis ??\n', 'What is this?'),
        ('What is this? ?', 'What is this?'),
        ('Name it.', 'Name it.'),
        ('Really?! What?', 'Really?! What?'),
        ('  ', ''),
    ],
)
def test_a_question_ends_with_one_mark(text, expected):
    assert clean_question(text) == expected


PREPROCESSING = dict(size=(8, 8), mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
CAPTIONS = ('a red square', 'a square', 'red')


def rows(count=4, **changes):
    return [Row(f'r{i}', f'{"ab"[i % 2]}/{i}.png', 'caption', '', CAPTIONS, **changes) for i in range(count)]


@pytest.fixture
def root(tmp_path):
    """Six pictures in two folders, four of which rows ask about."""
    for number in range(6):
        file = tmp_path / 'ab'[number % 2] / f'{number}.png'
        file.parent.mkdir(exist_ok=True)
        Image.new('RGB', (4, 4), (40 * number,) * 3).save(file)
    return tmp_path


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv('MMALM_HOME', str(tmp_path / 'home'))


def dataset(root, given=None, **arguments):
    return RowsDataset(rows() if given is None else given, root, preprocessing=PREPROCESSING, **arguments)


class TestSamples:
    def test_one(self, root):
        sample = dataset(root, answer='first')[1]
        assert torch.allclose(sample.pop('pixels'), torch.full((3, 8, 8), 40 / 255))
        assert sample == {
            'id': 'r1',
            'media': 'b/1.png',
            'task': 'caption',
            'question': '',
            'answer': 'a red square',
            'answers': [],
            'references': list(CAPTIONS),
        }

    def test_extras_and_candidates(self, root):
        given = [
            Row(f'{i}', f'a/{i}.png', 'qa', 'Is  it', ('no',), None, ('yes', 'no'), {'n': i, 's': 'x'}) for i in (0, 2)
        ]
        sample = dataset(root, given)[1]
        assert (sample['question'], sample['answers'], sample['n'], sample['s']) == ('Is it?', ['yes', 'no'], 2, 'x')

    def test_one_for_each_answer(self, root):
        one = Row('r4', 'a/4.png', 'caption', '', ('grey',))
        found = list(dataset(root, [*rows(2), one], each_answer=True))
        assert [sample['id'] for sample in found] == ['r0/0', 'r0/1', 'r0/2', 'r1/0', 'r1/1', 'r1/2', 'r4/0']
        assert [sample['answer'] for sample in found] == [*CAPTIONS, *CAPTIONS, 'grey']
        assert [sample['media'] for sample in found][::3] == ['a/0.png', 'b/1.png', 'a/4.png']

    def test_answers_that_are_not_published(self, root):
        given = [Row('1', 'a/0.png', 'qa', 'What?', ())]
        for answer in ('sampled', 'first'):
            sample = dataset(root, given, answer=answer)[0]
            assert (sample['answer'], sample['references']) == ('', [])

    def test_drawn_evenly_unless_weighed(self, root):
        torch.manual_seed(0)
        drawn = Counter(dataset(root)[0]['answer'] for _ in range(600))
        assert set(drawn) == set(CAPTIONS) and all(count == pytest.approx(200, abs=45) for count in drawn.values())
        weighed = dataset(root, rows(weights=(3.0, 1.0, 0.0)))
        drawn = Counter(weighed[0]['answer'] for _ in range(400))
        assert drawn['a red square'] == pytest.approx(300, abs=30) and drawn['red'] == 0
        assert weighed[0]['references'] == ['a red square', 'a square']

    def test_several_workers_batch_them(self, root):
        batch = collate([dataset(root)[i] for i in range(3)])
        assert batch['pixels'].shape == (3, 3, 8, 8) and batch['references'] == [list(CAPTIONS)] * 3


class TestParts:
    def test_the_same_part_in_another_data_set_about_the_same_files(self, root):
        questions = [Row(f'q{i}', row.media, 'vqa', 'What?', ('it',)) for i, row in enumerate(rows()[::-1])]
        for limit in (1, 2, 0.75):
            assert set(dataset(root, limit=limit).media) == set(dataset(root, questions, limit=limit).media)

    def test_only_the_files_of_the_part_are_needed(self, root):
        part = dataset(root, limit=2)
        for key in {row.media for row in rows()} - set(part.media):
            (root / key).unlink()
        assert len(dataset(root, limit=2)) == 2
        with pytest.raises(MissingDataError, match='2 of 4 pictures that are asked about'):
            dataset(root)

    def test_other_files_are_counted_in_folders_of_ones_own(self, root, monkeypatch):
        assert dataset(root).notes == []
        monkeypatch.setattr(RowsDataset, 'own_folders', True)
        assert dataset(root).notes == ['2 pictures are not asked about']


class TestUnreadable:
    def test_they_stop_a_run_unless_told(self, root):
        (root / 'a/2.png').write_bytes(b'nothing')
        with pytest.raises(MissingDataError, match='The picture of question r2: .*2.png .7 bytes. is no picture'):
            dataset(root)[2]

    def test_left_out_and_counted(self, root, capsys):
        (root / 'a/2.png').write_bytes((root / 'a/2.png').read_bytes()[:45])
        (root / 'b/1.png').unlink()
        found = dataset(root, unreadable='leave_out')
        assert [sample['id'] for sample in found] == ['r0', 'r3'] and found.media == ['a/0.png', 'b/3.png']
        assert found.notes == [
            '1 of 4 pictures are missing, such as b/1.png, and left out',
            '1 of 4 pictures are unreadable, such as a/2.png, and left out',
        ]
        found.say_notes('train')
        assert capsys.readouterr().out.startswith('RowsDataset train: 1 of 4 pictures are missing, such as b/1.png')
        with pytest.raises(ConfigError, match='leave fold and limit out'):
            found.texts_by_id([])

    def test_none_is_left(self, root):
        for row in rows():
            (root / row.media).write_bytes(b'')
        with pytest.raises(MissingDataError, match='none of 4 pictures in .* can be read'):
            dataset(root, unreadable='leave_out')


@pytest.mark.parametrize(
    ('given', 'arguments', 'message'),
    [
        (None, dict(answer='most'), "unknown answer 'most'"),
        (None, dict(modality='vidoe'), "unknown modality 'vidoe'. Did you mean 'video'"),
        (None, dict(unreadable='skip'), "unknown unreadable 'skip'"),
        (None, dict(limit_of='files'), "unknown limit_of 'files'"),
        ([*rows(), rows()[0]], {}, "RowsDataset: 1 ids occur more than once, such as 'r0'"),
        (rows(weights=(1.0,)), {}, r'r0: one weight from 0 on is wanted for each of 3 answers; found \[1.0\]'),
        (rows(weights=(1.0, -1.0, 0.0)), {}, 'r0: one weight from 0 on'),
        ([rows()[0], Row('x', 'a/0.png', 't', '', (), extra={'k': 1})], {}, 'x carries k; the first row carries none'),
        ([], {}, 'leave none of 0 questions'),
    ],
)
def test_mistakes(root, given, arguments, message):
    with pytest.raises(ConfigError, match=message):
        dataset(root, given, **arguments)
