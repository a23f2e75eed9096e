"""GQA as published, as VL-adapter has it, and wrongly."""

import json

import pytest

from mmalm.datasets import GQADataset
from mmalm.datasets.media.synthetic import write_media
from mmalm.errors import ConfigError, MissingDataError

PREPROCESSING = dict(size=(8, 8), mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
# one question with every field of the published file
QUESTION = {
    'semantic': [{'operation': 'select', 'dependencies': [], 'argument': 'sky (2486325)'}],
    'entailed': ['02930160'],
    'equivalent': ['02930152'],
    'question': 'Is the sky dark?',
    'imageId': '2354786',
    'isBalanced': True,
    'groups': {'global': None, 'local': '06-sky_dark'},
    'answer': 'yes',
    'semanticStr': 'select: sky (2486325)->verify color: dark [0]',
    'annotations': {'answer': {}, 'question': {'2': '2486325'}, 'fullAnswer': {'2': '2486325'}},
    'types': {'detailed': 'verifyAttr', 'semantic': 'attr', 'structural': 'verify'},
    'fullAnswer': 'Yes, the sky is dark.',
}
OTHER = {**QUESTION, 'question': 'What is left of the tree?', 'answer': 'fence', 'imageId': 'n161313'}
OFFICIAL = {
    '02930152': QUESTION,
    '07333408': OTHER,
    '07333409': {**OTHER, 'question': 'Where is it?', 'answer': 'grass'},
}
ADAPTER = [
    {'img_id': '2354786', 'label': {'yes': 1.0}, 'question_id': '02930152', 'sent': 'Is the sky dark?'},
    {'img_id': 'n161313', 'label': {'fence': 1.0}, 'question_id': '07333408', 'sent': 'What is left of the tree?'},
]
FILES = {'official': 'train_balanced_questions.json', 'vl_adapter': 'GQA/train.json'}


@pytest.fixture
def root(tmp_path):
    for number, name in enumerate(('2354786', 'n161313')):
        for folder in ('images', 'VG/VG_100K'):
            write_media(tmp_path / folder / f'{name}.jpg', 'image', number)
    return tmp_path


def write(root, content, layout='official'):
    file = root / FILES[layout]
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(content))
    return root


def gqa(root, content=OFFICIAL, layout='official', **arguments):
    return GQADataset(root=write(root, content, layout), layout=layout, preprocessing=PREPROCESSING, **arguments)


@pytest.mark.parametrize(('layout', 'content'), [('official', OFFICIAL), ('vl_adapter', ADAPTER)])
def test_a_sample(root, layout, content):
    sample = gqa(root, content, layout)[1]
    assert sample.pop('pixels').shape == (3, 8, 8)
    own = layout == 'official'
    assert sample == {
        'id': '07333408',
        'question_id': '07333408',
        'media': 'n161313.jpg' if own else 'VG/VG_100K/n161313.jpg',
        'task': 'gqa',
        'question': 'What is left of the tree?',
        'answer': 'fence',
        'answers': [],
        'references': ['fence'],
        'structural': 'verify' if own else '',
        'semantic': 'attr' if own else '',
        'detailed': 'verifyAttr' if own else '',
    }


def test_what_is_not_balanced_is_left_out(root, capsys):
    found = gqa(root, {**OFFICIAL, '1': {**QUESTION, 'isBalanced': False}})
    assert len(found) == 3 and found.notes == ['1 of 4 questions are not balanced, and left out']
    assert capsys.readouterr().out == 'GQADataset train: 1 of 4 questions are not balanced, and left out.\n'


def test_splits_without_answers_are_handed_in(root):
    (root / 'submission_all_questions.json').write_text(
        json.dumps({'201': {'question': 'Is it?', 'imageId': '2354786', 'isBalanced': False}, '99': {**QUESTION}})
    )
    dataset = GQADataset('submission', root)
    assert dataset.row(0).answers == dataset.row(1).answers == ()
    found = dataset.submission([{'id': '99', 'generated': 'Two dogs.'}, {'id': '201', 'generated': ' Yes\n'}])
    assert found == [{'questionId': '201', 'prediction': 'yes'}, {'questionId': '99', 'prediction': 'two dogs'}]


def test_a_limit_counts_questions(root):
    assert len(gqa(root, limit=2)) == 2 and len(gqa(root, limit=0.34)) == 1


def test_pictures_elsewhere(root, tmp_path):
    (root / 'images').rename(root / 'pictures')
    with pytest.raises(MissingDataError, match='images cannot be listed.*\nGQA has its own images.zip'):
        gqa(root)
    for layout, content in (('official', OFFICIAL), ('vl_adapter', ADAPTER)):
        assert gqa(root, content, layout, images=root / 'pictures').media == ['2354786.jpg', 'n161313.jpg']


class TestCandidates:
    def test_they_are_what_is_ranked(self, root):
        (root / 'labels.json').write_text(json.dumps({'fence': 1, 'yes': 0, 'grass': 2}))
        dataset = gqa(root, candidates=root / 'labels.json')
        assert dataset[2]['answers'] == ['yes', 'fence', 'grass']
        assert GQADataset.closed_tasks({'candidates': 'x'}) == {'gqa': True} != GQADataset.closed_tasks({})

    def test_one_that_lacks_an_answer(self, root):
        (root / 'labels.json').write_text(json.dumps(['yes', 'no', 'grass']))
        with pytest.raises(ConfigError, match="labels.json lacks the answers of 1 of 3 questions, such as 'fence'"):
            gqa(root, candidates=root / 'labels.json')
        (root / 'testdev_balanced_questions.json').write_text(json.dumps(OFFICIAL))
        found = GQADataset('testdev', root, candidates=root / 'labels.json')
        assert found.notes == ["answers of 1 of 3 questions, such as 'fence', are not among those of labels.json"]


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ({}, 'has no questions'),
        (ADAPTER, "Expected `object`, got `array` at the top.*\n.*read with layout='vl_adapter'"),
        ({'1': {**QUESTION, 'question': ' '}}, '1 of 1 questions have no question, such as 1'),
        ({'1': {**QUESTION, 'imageId': ''}}, '1 of 1 questions have no picture'),
        (
            {'1': QUESTION, '2': {**QUESTION, 'imageId': 7}},
            r'Expected `str`, got `int` - at `\["2"\].imageId`. It begins',
        ),
        (
            {'1': {k: v for k, v in QUESTION.items() if k != 'answer'}},
            '1 of 1 questions have no answer.*are not published',
        ),
        ({'1': {k: v for k, v in QUESTION.items() if k != 'imageId'}}, 'missing required field `imageId`'),
        ({'1': {**QUESTION, 'isBalanced': False}}, 'none of 1 questions is balanced'),
    ],
)
def test_official_files_of_another_form(root, content, message):
    with pytest.raises(ConfigError, match=message):
        gqa(root, content)


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ([], 'has no questions'),
        (OFFICIAL, "Expected `array`, got `object` at the top.*\n.*read with layout='official'"),
        ([*ADAPTER, ADAPTER[0]], 'the question_id 02930152 occurs more than once'),
        ([{**ADAPTER[0], 'label': {}}], '1 of 1 questions have no answer'),
        ([{**ADAPTER[0], 'label': {'yes': '1'}}], 'Expected `float`, got `str`'),
        ([{**ADAPTER[0], 'sent': None}], '1 of 1 questions have no question'),
    ],
)
def test_adapter_files_of_another_form(root, content, message):
    with pytest.raises(ConfigError, match=message):
        gqa(root, content, 'vl_adapter')


def test_unknown_names(root):
    with pytest.raises(ConfigError, match="unknown split 'test'.*Choose from train, val, testdev"):
        GQADataset('test', root, layout='vl_adapter')
    with pytest.raises(ConfigError, match="unknown layout 'vladapter'. Did you mean 'vl_adapter'"):
        GQADataset('train', root, layout='vladapter')


@pytest.mark.parametrize('layout', ['official', 'vl_adapter'])
@pytest.mark.parametrize('split', ['train', 'val', 'testdev'])
def test_made_small(tmp_path, split, layout):
    arguments = dict(split=split, layout=layout, root='nowhere', questions='x.json', candidates='labels.json', limit=5)
    dataset = GQADataset(**GQADataset.shrink(arguments, tmp_path), preprocessing=PREPROCESSING)
    assert len(dataset) == 5 and dataset.notes == [] and dataset[0]['answer'] in dataset[0]['answers']


def test_answers_of_a_classifier(root):
    (root / 'vocabulary.json').write_text('["yes", "grass"]')
    known = {'vocabulary': root / 'vocabulary.json'}
    trained = gqa(root, **known)
    assert [sample['answer'] for sample in trained] == ['yes', 'grass'] and 'left out' in trained.notes[0]
    kept = gqa(root, outside='keep', **known)
    assert [sample['answerable'] for sample in kept] == [True, False, True]
    assert kept.notes == [
        "1 of 3 questions have no answer among the 2 of vocabulary.json ('fence'); they count as answered wrongly"
    ]
