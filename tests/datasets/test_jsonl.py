"""A user's own data, as right lines and wrong ones."""

import json
import re
from pathlib import Path

import pytest
from PIL import Image

from mmalm.datasets import JsonlDataset
from mmalm.errors import ConfigError, MissingDataError

PREPROCESSING = dict(size=(8, 8), mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
DOG = {'media': 'pictures/1.jpg', 'question': 'What is this?', 'answers': ['a dog']}
LINES = [
    DOG,
    {'media': 'pictures/1.jpg', 'answers': ['a dog  runs', 'a brown dog']},
    {
        'media': 'pictures/2.jpg',
        'question': 'Is it a cat',
        'answers': 'yes',
        'candidates': ['yes', 'no'],
        'task': 'yesno',
    },
    {
        'media': 'pictures/2.jpg',
        'question': 'Which colour?',
        'answers': ['grey', 'black'],
        'weights': [1, 0.5],
        'id': 7,
    },
]


def write(root, lines=LINES, split='train'):
    text = '\n'.join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    (root / f'{split}.jsonl').write_text(text + '\n', encoding='utf-8')
    return root


@pytest.fixture
def root(tmp_path):
    (tmp_path / 'pictures').mkdir()
    for number in (1, 2):
        Image.new('RGB', (6, 4)).save(tmp_path / 'pictures' / f'{number}.jpg')
    return write(tmp_path)


def refused(root, lines, error=ConfigError, **arguments):
    with pytest.raises(error) as caught:
        JsonlDataset(root=write(root, lines), **arguments)
    return str(caught.value)


def test_samples(root):
    dataset = JsonlDataset(root=root, preprocessing=PREPROCESSING, answer='first')
    samples = list(dataset)
    keys = ('id', 'task', 'question', 'answer', 'answers', 'references')
    assert [tuple(sample[key] for key in keys) for sample in samples] == [
        ('train:1', 'vqa', 'What is this?', 'a dog', [], ['a dog']),
        ('train:2', 'caption', '', 'a dog runs', [], ['a dog runs', 'a brown dog']),
        ('train:3', 'yesno', 'Is it a cat?', 'yes', ['yes', 'no'], ['yes']),
        ('7', 'vqa', 'Which colour?', 'grey', [], ['grey', 'black']),
    ]
    assert samples[0]['pixels'].shape == (3, 8, 8) and dataset.media == ['pictures/1.jpg', 'pictures/2.jpg']
    assert dataset.row(3).weights == (1.0, 0.5)


def test_the_example_of_the_documentation(root):
    text = (Path(__file__).parents[2] / 'docs' / 'data.md').read_text(encoding='utf-8')
    (lines,) = re.findall(r'```json\n(.*?)```', text, re.DOTALL)
    rows = [JsonlDataset(root=write(root, lines.splitlines())).row(place) for place in range(3)]
    assert [(row.task, len(row.answers), row.candidates) for row in rows] == [
        ('vqa', 1, ()),
        ('caption', 2, ()),
        ('yesno', 1, ('yes', 'no')),
    ]


def test_answers_are_drawn_in_training_alone(root):
    write(root, split='val')
    assert JsonlDataset(root=root).answer == 'sampled' and JsonlDataset('val', root).answer == 'first'
    assert JsonlDataset(root=root, fold='held_out').answer == 'first'


def test_several_files_and_empty_lines(root, tmp_path):
    other = tmp_path / 'more.jsonl'
    other.write_text('\n' + json.dumps({**DOG, 'question': 'Wer? ä'}, ensure_ascii=False) + '\n\n', encoding='utf-8')
    dataset = JsonlDataset(root=root, file=[root / 'train.jsonl', str(other)])
    assert len(dataset) == 5 and dataset.table.ids[-1] == 'more:2'


def test_answers_of_a_classifier(root):
    vocabulary = root / 'vocabulary.json'
    vocabulary.write_text('["a dog", "black"]')
    write(root, split='val')
    known = {'root': root, 'preprocessing': PREPROCESSING, 'vocabulary': vocabulary}
    trained = JsonlDataset('train', **known)
    assert [sample['id'] for sample in trained] == ['train:1', '7'] and 'are left out' in trained.notes[0]
    judged = JsonlDataset('val', **known)
    assert [sample['answerable'] for sample in judged] == [True, False, False, True]


def test_lines_without_answers(root):
    lines = [{'media': 'pictures/1.jpg', 'question': 'What is this?'}]
    assert 'line 1: field "answers" is missing. Where answers are not known, say answered=False' in refused(root, lines)
    sample = JsonlDataset(root=root, answered=False, preprocessing=PREPROCESSING)[0]
    assert (sample['answer'], sample['references']) == ('', [])


@pytest.mark.parametrize(
    ('line', 'message'),
    [
        ('{"media": ', 'line 2: no JSON object (Input data was truncated): \'{"media": \''),
        ('[{"media": 1}]', 'line 2: Expected `object`, got `array`'),
        ('{"media": "a"},', 'line 2: no JSON object'),
        ({'question': 'What?', 'answers': ['x']}, 'line 2: missing field `media`'),
        ({'media': 3, 'answers': ['x']}, 'line 2: Expected `str`, got `int` - at `media`'),
        (
            {**DOG, 'answer': 'x'},
            "line 2: unknown field 'answer'. Did you mean 'answers'? Fields: media, answers, question",
        ),
        ({**DOG, 'answers': []}, 'line 2: empty answers: []'),
        ({**DOG, 'answers': ['x', ' ']}, "line 2: empty answers: ['x', ' ']"),
        ({**DOG, 'answers': ''}, "line 2: empty answers: ''"),
        ({**DOG, 'media': ' '}, 'line 2: "media" is empty'),
        ({**DOG, 'weights': [1, 2]}, 'line 2: 2 weights for 1 answers'),
        ({**DOG, 'weights': [0]}, "line 2: no answer is right: all weights are 0 of ['a dog']"),
        ({**DOG, 'candidates': ['a dog', 'a cat', 'a  dog']}, "line 2: the candidate 'a dog' occurs twice"),
        ({**DOG, 'weights': [-1]}, 'line 2: Expected `float` >= 0.0'),
        (
            {**DOG, 'candidates': ['a dig', 'a cat']},
            "line 2: the answer 'a dog' is not among the candidates. Did you mean 'a dig'",
        ),
        ({**DOG, 'answers': ['x', 'x'], 'weights': [1, 1]}, "line 2: the same answer twice, with weights: ['x', 'x']"),
        (
            {**DOG, 'answers': ['x']},
            'line 2: the question about the same file of line 1. Put all answers into one line',
        ),
    ],
)
def test_a_wrong_line_is_named(root, line, message):
    found = refused(root, [DOG, line])
    assert f'JSONL data: {root / "train.jsonl"}:\n  {message}' in found
    assert found.endswith('see docs/data.md.')


def test_an_id_that_occurs_twice(root):
    for first, second in (('x', 'x'), ('3', 3)):
        lines = [{**DOG, 'id': first}, {**DOG, 'id': second, 'question': 'Who?'}]
        assert 'line 2: the id of line 1' in refused(root, lines)


def test_the_first_five_of_many_wrong_lines(root):
    found = refused(root, [{'media': 'x'}] * 9)
    assert 'line 5: ' in found and 'line 6: ' not in found and '... 9 lines in all' in found


def test_another_encoding(root):
    text = json.dumps({**DOG, 'question': 'où?'}, ensure_ascii=False)
    (root / 'train.jsonl').write_bytes(json.dumps(DOG).encode() + b'\n' + text.encode('latin-1'))
    with pytest.raises(ConfigError, match='line 2: byte 0xf9 is not UTF-8: save the file as UTF-8'):
        JsonlDataset(root=root)
    (root / 'train.jsonl').write_bytes(text.encode('utf-16'))
    with pytest.raises(ConfigError, match='is in UTF-16'):
        JsonlDataset(root=root)


def test_missing_files_are_named_with_their_lines(root):
    lines = [DOG, {**DOG, 'media': 'pictures/2.jpeg'}, {**DOG, 'media': 'nowhere/1.jpg', 'question': ''}]
    found = refused(root, lines, MissingDataError)
    assert f"line 2: pictures/2.jpeg is not in {root}. Did you mean 'pictures/2.jpg'?" in found
    assert 'line 3: nowhere/1.jpg is not in' in found and 'root=' in found
    assert len(JsonlDataset(root=root, check_media=False)) == 3
    found = refused(root, [DOG, {**DOG, 'media': 'pictures'}], MissingDataError)
    assert f'line 2: pictures is a folder in {root}, not a file' in found


def test_no_file(tmp_path):
    (tmp_path / 'training.jsonl').touch()
    with pytest.raises(MissingDataError, match='train.jsonl is not there. In its folder: training.jsonl'):
        JsonlDataset(root=tmp_path)
    (tmp_path / 'train.jsonl').touch()
    with pytest.raises(MissingDataError, match='train.jsonl is empty'):
        JsonlDataset(root=tmp_path)


def test_made_small(tmp_path):
    arguments = JsonlDataset.shrink({'split': 'val', 'root': 'nowhere', 'file': 'x.jsonl', 'limit': 2}, tmp_path)
    dataset = JsonlDataset(**arguments, preprocessing=PREPROCESSING)
    assert len(dataset) == 4 and {sample['task'] for sample in dataset} == {'vqa', 'caption'}
    unanswered = JsonlDataset.shrink({'split': 'test', 'answered': False}, tmp_path)
    assert JsonlDataset(**unanswered, preprocessing=PREPROCESSING)[0]['references'] == []


@pytest.mark.parametrize(
    ('modality', 'kind', 'noun'), [('video', 'VideoClip', 'video'), ('audio', 'Waveform', 'sound')]
)
def test_videos_and_sounds(tmp_path, monkeypatch, modality, kind, noun):
    monkeypatch.setenv('MMALM_HOME', str(tmp_path / 'home'))
    arguments = JsonlDataset.shrink({'split': 'val', 'modality': modality}, tmp_path)
    dataset = JsonlDataset(**arguments)
    assert dataset.modality == modality and type(dataset.load_media(dataset.media[0])).__name__ == kind
    assert dataset.media_spec['decoder'] == dataset.kind.spec['decoder']
    file = dataset.media_path(dataset.media[1])
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(MissingDataError, match=f'The {noun} of question val:3: .*_1.* cannot be read'):
        dataset.load_media(dataset.media[1])
    rest = JsonlDataset(**arguments, unreadable='leave_out')
    assert len(rest) == 6 and rest.notes[0].startswith(f'1 of 4 {noun}s are unreadable')
