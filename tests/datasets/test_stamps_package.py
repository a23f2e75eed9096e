"""The counts that docs/stamps.md gives, on the package itself."""

import time
from collections import Counter

import pytest

from mmalm.datasets import StampsDataset
from mmalm.zoo.store import read_manifest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        read_manifest('tuxpaint-stamps') is None, reason='python tools/zoo.py fetch tuxpaint-stamps brings them'
    ),
]
SPLITS = ('train', 'val', 'test')
PICTURES = dict(train=457, val=102, test=141)
QUESTIONS = dict(
    kind=dict(train=425, val=93, test=130),
    animal=dict(train=108, val=19, test=27),
    name=dict(train=370, val=83, test=107),
    yesno=dict(train=424, val=92, test=130),
    caption=PICTURES,
)
KINDS = {
    'animal': (108, 19, 27),
    'building': (32, 9, 10),
    'clothes': (29, 8, 11),
    'food': (54, 8, 12),
    'holiday decoration': (49, 7, 15),
    'household item': (40, 18, 15),
    'person': (25, 2, 3),
    'plant': (23, 10, 7),
    'sign': (13, 1, 7),
    'space object': (16, 3, 4),
    'vehicle': (36, 8, 19),
}


@pytest.mark.parametrize('task', QUESTIONS)
def test_questions(task):
    assert {split: len(StampsDataset(split, tasks=[task])) for split in SPLITS} == QUESTIONS[task]


def test_kinds():
    counts = [Counter(s['answer'] for s in StampsDataset(split).samples) for split in SPLITS]
    assert {kind: tuple(count[kind] for count in counts) for kind in KINDS} == KINDS
    assert [sum(count.values()) for count in counts] == [425, 93, 130]


def test_no_caption_is_on_both_sides():
    sides = [
        {s['answer'].casefold().strip(' .!?0123456789') for s in StampsDataset(split, tasks=['caption']).samples}
        for split in SPLITS
    ]
    assert not (sides[0] & sides[1] or sides[0] & sides[2] or sides[1] & sides[2])


def test_yes_and_no_are_as_many():
    for split in SPLITS:
        answers = Counter(s['answer'] for s in StampsDataset(split, tasks=['yesno']).samples)
        assert answers['yes'] == answers['no']


def test_every_picture_can_be_read_and_shows_something():
    for split in SPLITS:
        dataset = StampsDataset(split, tasks=['caption'])
        for key in dataset.media:
            darkest = min(low for low, _ in dataset.load_media(key).getextrema())
            assert darkest < 250, key


def test_it_is_ready_within_a_second():
    start = time.perf_counter()
    StampsDataset('train', tasks=list(QUESTIONS))
    assert time.perf_counter() - start < 1
