"""SNLI-VE's lines, and what is wrong with some."""

import json

import pytest

from mmalm.datasets import SNLIVEDataset
from mmalm.datasets.media.synthetic import write_media
from mmalm.errors import ConfigError, MissingDataError

PREPROCESSING = dict(size=(8, 8), mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
# a line with every field of the published file
LINE = {
    'annotator_labels': ['neutral', 'entailment', 'neutral', 'neutral', 'neutral'],
    'captionID': '4705552913.jpg#2',
    'gold_label': 'neutral',
    'pairID': '4705552913.jpg#2r1n',
    'sentence1': 'Two women are embracing while holding to go packages.',
    'sentence1_parse': '(ROOT (S (NP (CD Two) (NNS women))))',
    'sentence2': 'The sisters are hugging  goodbye',
    'sentence2_parse': '(ROOT (S (NP (DT The) (NNS sisters))))',
    'Flickr30K_ID': '4705552913',
}
OTHER = {**LINE, 'pairID': '36979.jpg#4r1e', 'sentence2': 'Two men.', 'gold_label': 'entailment'}


def snli(root, lines=(LINE, OTHER), split='dev', **arguments):
    for number, name in enumerate(('4705552913', '36979')):
        write_media(root / 'flickr30k_images' / f'{name}.jpg', 'image', number)
    (root / f'snli_ve_{split}.jsonl').write_text(''.join(json.dumps(line) + '\n' for line in lines))
    return SNLIVEDataset(split, root=root, preprocessing=PREPROCESSING, **arguments)


def test_a_sample_is_a_picture_and_a_hypothesis(tmp_path):
    sample = snli(tmp_path)[0]
    assert sample.pop('pixels').shape == (3, 8, 8)
    assert sample == {
        'id': '4705552913.jpg#2r1n',
        'media': '4705552913.jpg',
        'task': 'entailment',
        'question': 'The sisters are hugging goodbye',  # and no question mark
        'answer': 'neutral',
        'answers': ['contradiction', 'neutral', 'entailment'],
        'references': ['neutral'],
    }


def test_pairs_without_label_or_hypothesis_are_counted(tmp_path):
    pairs = [
        {**OTHER, 'pairID': f'36979.jpg#4r{number}e', **change}
        for number, change in enumerate([{'gold_label': '-'}, {'sentence2': ' '}])
    ]
    found = snli(tmp_path, [LINE, *pairs])
    assert len(found) == 1 and found.notes == ['2 of 3 pairs have no hypothesis or no label, and are left out']


def test_dev_and_test_are_apart(tmp_path):
    snli(tmp_path)
    with pytest.raises(MissingDataError, match=r'snli_ve_test.jsonl is not there. In its folder: snli_ve_dev.jsonl'):
        SNLIVEDataset('test', root=tmp_path)


@pytest.mark.parametrize(
    ('line', 'message'),
    [
        ({**LINE, 'pairID': '4705552913'}, 'line 1: "pairID" \'4705552913\' names no picture'),
        ({**LINE, 'gold_label': 'entails'}, "'entails' is none of contradiction, neutral, entailment. Did you mean"),
        ({'pairID': '1.jpg#0'}, 'line 1: missing field `sentence2`'),
        (OTHER, "1 ids occur more than once, such as '36979.jpg#4r1e'"),
    ],
)
def test_mistakes(tmp_path, line, message):
    with pytest.raises(ConfigError, match=message):
        snli(tmp_path, [line, OTHER])


def test_missing_pictures(tmp_path):
    with pytest.raises(MissingDataError, match=r'1 of 2 pictures.*5.jpg(.|\n)*those of Flickr30k'):
        snli(tmp_path, [LINE, {**OTHER, 'pairID': '5.jpg#4r1e'}])


def test_what_was_predicted(tmp_path):
    found = snli(tmp_path)
    given = [
        {'id': '36979.jpg#4r1e', 'classified': 'entailment'},
        {'id': '4705552913.jpg#2r1n', 'classified': 'neutral'},
    ]
    assert found.submission(given) == [
        {'pairID': '4705552913.jpg#2r1n', 'prediction': 'neutral'},
        {'pairID': '36979.jpg#4r1e', 'prediction': 'entailment'},
    ]
    with pytest.raises(ConfigError, match='leave fold and limit out'):
        snli(tmp_path, limit=1).submission(given)
