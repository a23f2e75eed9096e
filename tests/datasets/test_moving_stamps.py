from collections import Counter

import pytest
import torch

from mmalm.datasets.moving_stamps import MovingStampsDataset
from mmalm.datasets.stamps import StampsDataset
from mmalm.datasets.stamps_synthetic import write_stamp
from mmalm.encoders import VideoPreprocessing
from mmalm.errors import ConfigError

CLIPS = VideoPreprocessing(size=16, mean=(0.5,) * 3, std=(0.5,) * 3, frames=4)


@pytest.fixture(scope='module')
def given(tmp_path_factory):
    return MovingStampsDataset.shrink({}, tmp_path_factory.mktemp('moving'))


def test_samples(given):
    dataset = MovingStampsDataset('train', preprocessing=CLIPS, **given)
    samples = [dataset[i] for i in range(len(dataset))]
    assert Counter(s['task'] for s in samples) == {'kind': 8, 'direction': 8} and len(dataset.media) == 8
    assert Counter(s['answer'] for s in samples if s['task'] == 'direction') == dict(left=2, right=2, up=2, down=2)
    sample = samples[-1]
    assert sample.pop('frames').shape == (4, 3, 16, 16)
    media = sample['media']
    assert media.endswith('.mp4') and dataset.load_media(media).count == 8
    assert sample == dict(
        id=f'direction/{media}',
        media=media,
        task='direction',
        question='Which way does it move?',
        answer=dataset.ways[media.replace('.mp4', '.png')],
        answers=['down', 'left', 'right', 'up'],
        references=[sample['answer']],
    )


def test_kinds_and_splits_are_those_of_the_stamps(given):
    for split in ('train', 'val', 'test'):
        moving = MovingStampsDataset(split, tasks=['kind'], **given)
        still = StampsDataset(split, root=given['root'])
        rows = [moving.row(place) for place in moving.rows.tolist()]
        assert [(r.media.replace('.mp4', '.png'), r.question, r.answers[0], list(r.candidates)) for r in rows] == [
            (s['media'], s['question'], s['answer'], s['answers']) for s in still.samples
        ]


def test_clips_are_made_once_and_what_is_not_asked_for_is_not_made(given, tmp_path):
    given = {**given, 'clips': str(tmp_path)}
    few = MovingStampsDataset('val', limit=3, **given)
    assert len(few.media) == 3 == len(list(tmp_path.rglob('*.mp4')))
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob('*.mp4')}
    whole = MovingStampsDataset('val', **given)
    assert len(list(tmp_path.rglob('*.mp4'))) == 8 and set(few.media) < set(whole.media)
    assert all(path.stat().st_mtime_ns == time for path, time in times.items())
    assert (
        MovingStampsDataset('val', **{**given, 'ending': '.webm'})
        .load_media(whole.media[0].replace('.mp4', '.webm'))
        .count
        == 8
    )


def test_clips_lie_in_the_home_unless_told(given, tmp_path, monkeypatch):
    monkeypatch.setenv('MMALM_HOME', str(tmp_path))
    dataset = MovingStampsDataset('test', **{**given, 'clips': None, 'limit': 1})
    assert dataset.media_path(dataset.media[0]).is_relative_to(tmp_path / 'moving_stamps')


def test_the_control_shows_other_clips(given):
    dataset = MovingStampsDataset('train', tasks=['direction'], preprocessing=CLIPS, shuffle_media=0, **given)
    assert all(dataset[i]['media'] != dataset.row(i).media for i in range(len(dataset)))


def test_the_answer_is_the_way_the_stamp_goes(tmp_path):
    for name in ('bird', 'cat', 'dog', 'eel', 'fox', 'goat', 'hen', 'ibex', 'jay', 'kite', 'lynx', 'mole'):
        write_stamp(tmp_path, f'animals/birds/{name}', f'A {name}.', (0, 0, 0, 255))
    clips = dict(root=str(tmp_path), clips=tmp_path / 'clips', size=64, frames=4)
    dataset = MovingStampsDataset('train', tasks=['direction'], preprocessing=CLIPS.changed(size=64), **clips)
    steps = dict(left=(0, -1), right=(0, 1), up=(-1, 0), down=(1, 0))
    assert len({dataset[i]['answer'] for i in range(len(dataset))}) == 4
    for i in range(len(dataset)):
        dark = dataset[i]['frames'].mean(1) < -0.5
        moved = dark[-1].nonzero().float().mean(0) - dark[0].nonzero().float().mean(0)
        assert moved @ torch.tensor(steps[dataset[i]['answer']]).float() > 5


def test_bad_requests_are_refused(given):
    with pytest.raises(ConfigError, match="unknown task 'directions'. Did you mean 'direction'"):
        MovingStampsDataset('train', tasks=['directions'], **given)
    with pytest.raises(ConfigError, match="unknown background 'white'"):
        MovingStampsDataset('train', background='white', **given)
    with pytest.raises(ConfigError, match='an even number of pixels from 16 on, found 33'):
        MovingStampsDataset('train', **{**given, 'size': 33})
    assert MovingStampsDataset.closed_tasks({}) == {'kind': True, 'direction': True}
