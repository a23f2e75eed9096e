import json
import shutil

import pytest
import torch

from mmalm.datasets.media.video import VideoClip
from mmalm.datasets.video_qa import MSRVTTQADataset, MSVDQADataset
from mmalm.encoders import VideoPreprocessing
from mmalm.errors import ConfigError, MissingDataError

CLIPS = VideoPreprocessing(size=16, mean=(0.5,) * 3, std=(0.5,) * 3, frames=4)
LAYOUTS = ['official', 'epalm']
SETS = [MSRVTTQADataset, MSVDQADataset]


def made(kind, folder, **arguments):
    return kind(**kind.shrink(arguments, folder))


@pytest.mark.parametrize('layout', LAYOUTS)
@pytest.mark.parametrize('kind', SETS)
def test_samples(tmp_path, kind, layout):
    dataset = made(kind, tmp_path, split='val', layout=layout, preprocessing=CLIPS)
    sample = dataset[3]
    assert sample.pop('frames').shape == (4, 3, 16, 16)
    media = {('msrvtt', 'official'): 'video5.mp4', ('msvd', 'official'): 'clip5_0_1.avi'}
    assert sample == dict(
        id='11',
        media=media.get((kind.prefix, layout), 'video5.mp4'),
        task='vqa',
        question='who is there?',
        answer='woman',
        answers=[],
        references=['woman'],
    )
    assert dataset.modality == 'video' and len(dataset) == 4 and len(dataset.media) == 2
    assert isinstance(dataset.load_media(dataset.media[0]), VideoClip)


def test_answers_of_a_label_file_are_ranked(tmp_path):
    given = dict(split='val', candidates='elsewhere.json')
    dataset = made(MSRVTTQADataset, tmp_path, preprocessing=CLIPS, **given)
    assert dataset[0]['answers'] == ['cat', 'dog', 'man', 'woman'] and MSRVTTQADataset.closed_tasks(given) == {
        'vqa': True
    }
    assert MSRVTTQADataset.closed_tasks({}) == {'vqa': False}


def test_where_files_are(tmp_path):
    for kind, layout, video in [
        (MSRVTTQADataset, 'official', 'TestVideo/video8.mp4'),
        (MSVDQADataset, 'official', 'YouTubeClips/clip8_0_1.avi'),
        (MSVDQADataset, 'epalm', 'videos/all/video8.mp4'),
    ]:
        dataset = made(kind, tmp_path / layout, split='test', layout=layout)
        assert dataset.media_path(dataset.media[0]) == tmp_path / layout / kind.prefix / video
    assert dataset.answer == 'first' and made(kind, tmp_path, split='train').answer == 'sampled'
    assert MSRVTTQADataset.home == 'data/msrvtt' and MSVDQADataset.home == 'data/msvd'


@pytest.fixture
def released(tmp_path):
    """The released eP-ALM's layout, and a function that writes its questions."""
    root = MSRVTTQADataset.shrink(dict(split='train', layout='epalm'), tmp_path)['root']
    file = tmp_path / 'msrvtt' / 'annotation' / 'msrvtt_vqa_train.json'

    def read(*entries, **arguments):
        file.write_text(json.dumps(list(entries)))
        return MSRVTTQADataset('train', root, 'epalm', **arguments)

    return read


ENTRY = dict(video='video0.mp4', question_id='a', sent='what is  it', label={'a dog': 0.3, 'a  cat': 1.0})


def test_scores_of_several_answers(released):
    dataset = released(ENTRY, dict(ENTRY, question_id=7, sent=None, question='who', label={'man': 1.0}))
    row = dataset.row(0)
    assert (row.question, row.answers, row.weights) == ('what is it?', ('a cat', 'a dog'), (1.0, pytest.approx(0.3)))
    assert dataset.row(1).question == 'who?' and dataset.table.ids == ['a', '7']
    torch.manual_seed(0)
    drawn = [dataset._answer(row) for _ in range(200)]
    assert 25 < drawn.count('a dog') < 70


@pytest.mark.parametrize(
    ('entry', 'message'),
    [
        (dict(label={}), r'entry 1 \(question_id b\) has no answer: its label is {}'),
        (dict(label={'cat': 0}), 'has no answer'),
        (dict(label={' ': 1}), 'has no answer'),
        (dict(label={'cat': -1}), r'Expected `float` >= 0.0 - at `\[1\].label'),
        (dict(label='cat'), r'Expected `object`, got `str` - at `\[1\].label'),
        (dict(sent=' '), 'has no text, neither as "sent" nor as "question"'),
        (dict(sent=None), 'has no text, neither as "sent" nor as "question"'),
        (dict(video=''), r'length >= 1 - at `\[1\].video'),
        (dict(video=None), r'Expected `str`, got `null` - at `\[1\].video'),
        (dict(question_id='a'), "1 ids occur more than once, such as 'a'"),
    ],
)
def test_malformed_entries_are_refused_with_their_place(released, entry, message):
    with pytest.raises(ConfigError, match=message):
        released(ENTRY, {**ENTRY, 'question_id': 'b', **entry})


def test_other_files_are_refused(released, tmp_path):
    with pytest.raises(ConfigError, match='empty list'):
        released()
    with pytest.raises(ConfigError, match='missing required field `video`'):
        released(dict(video_id=1, id=2, question='who', answer='man'))
    with pytest.raises(ConfigError, match="unknown layout 'epalms'. Did you mean 'epalm'"):
        MSRVTTQADataset(layout='epalms')
    with pytest.raises(ConfigError, match="unknown split 'valid'"):
        MSRVTTQADataset('valid')
    with pytest.raises(MissingDataError, match='train_qa.json is not there'):
        MSRVTTQADataset('train', tmp_path / 'msrvtt')


def test_malformed_official_files_are_refused(tmp_path):
    arguments = MSVDQADataset.shrink(dict(split='train'), tmp_path)
    file, names = (tmp_path / 'msvd' / name for name in ('train_qa.json', 'youtube_mapping.txt'))
    entry = dict(id=0, video_id=0, question='who', answer='man')
    for change, message in [
        (dict(answer=' '), r'entry 0 \(id 0\) has an empty question or answer'),
        (dict(video_id='video0'), r'Expected `int`, got `str` - at `\[0\].video_id'),
        (dict(video_id=99), 'youtube_mapping.txt names no clip of video 99'),
    ]:
        file.write_text(json.dumps([{**entry, **change}]))
        with pytest.raises(ConfigError, match=message):
            MSVDQADataset(**arguments)
    names.write_text('clip0_0_1 vid0\nclip1_0_1 1\n')
    with pytest.raises(ConfigError, match=r'line 2: .clip1_0_1 1.; such as "mv89psg6zh4_33_46 vid1" is wanted'):
        MSVDQADataset(**arguments)
    names.unlink()
    with pytest.raises(MissingDataError, match='names of MSVD clips'):
        MSVDQADataset(**arguments)


def test_a_damaged_video_stops_or_is_left_out_and_counted(tmp_path, monkeypatch):
    monkeypatch.setenv('MMALM_HOME', str(tmp_path / 'home'))
    arguments = MSRVTTQADataset.shrink(dict(split='train', preprocessing=CLIPS), tmp_path)
    video = tmp_path / 'msrvtt' / 'TrainValVideo' / 'video1.mp4'
    video.write_bytes(video.read_bytes()[:200])
    dataset = MSRVTTQADataset(**arguments)
    assert dataset[0]['frames'].shape == (4, 3, 16, 16)
    with pytest.raises(
        MissingDataError, match=r'The video of question 2: .*video1.mp4 \(200 bytes\) cannot be read as a video'
    ):
        dataset[2]
    left = MSRVTTQADataset(**arguments, unreadable='leave_out')
    assert [left[i]['media'] for i in range(len(left))] == ['video0.mp4'] * 2
    assert left.notes == ['1 of 2 videos are unreadable, such as video1.mp4, and left out']
    video.unlink()
    with pytest.raises(MissingDataError, match='1 of 2 videos that are asked about are not in'):
        MSRVTTQADataset(**arguments)
    shutil.rmtree(video.parent)
    with pytest.raises(MissingDataError, match='The videos are those of MSR-VTT'):
        MSRVTTQADataset(**arguments)
