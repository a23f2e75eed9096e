import json

import pytest

from mmalm.datasets.msrvtt_captions import MSRVTTCaptionDataset
from mmalm.encoders import VideoPreprocessing
from mmalm.errors import ConfigError, MissingDataError

CLIPS = VideoPreprocessing(size=16, mean=(0.5,) * 3, std=(0.5,) * 3, frames=2)


def made(folder, **arguments):
    return MSRVTTCaptionDataset(**MSRVTTCaptionDataset.shrink(arguments, folder))


@pytest.mark.parametrize('layout', ['official', 'epalm'])
def test_each_caption_is_a_sample_in_training_and_each_video_elsewhere(tmp_path, layout):
    train, test = (made(tmp_path, split=s, layout=layout, preprocessing=CLIPS) for s in ('train', 'test'))
    assert (len(train), len(test)) == (4, 2)
    sample = train[3]
    assert sample.pop('frames').shape == (2, 3, 16, 16)
    captions = ['a dog is moving', 'the dog moves']
    assert sample == dict(
        id='video1/1',
        media='video1.mp4',
        task='caption',
        question='',
        answer=captions[1],
        answers=[],
        references=captions,
    )
    assert (test[0]['id'], test[0]['answer']) == ('video8', 'a cat is moving')
    folder = 'videos/all' if layout == 'epalm' else 'TestVideo'
    assert test.media_path('video8.mp4') == tmp_path / 'msrvtt' / folder / 'video8.mp4'


def test_train_and_validation_stand_in_one_official_file(tmp_path):
    made(tmp_path, split='train')
    assert made(tmp_path, split='val').media == ['video4.mp4', 'video5.mp4']
    with pytest.raises(ConfigError, match=r"no videos of the split 'test'; it has train, validate"):
        MSRVTTCaptionDataset('test', tmp_path, captions=tmp_path / 'msrvtt' / 'train_val_videodatainfo.json')


def test_captions_of_one_video_may_be_entries_of_their_own(tmp_path):
    arguments = MSRVTTCaptionDataset.shrink(dict(split='train', layout='epalm'), tmp_path)
    file = tmp_path / 'msrvtt' / 'annotation' / 'msrvtt_caption_train7k.json'
    file.write_text(json.dumps([dict(video='video0.mp4', caption=text) for text in ('one', 'two ')]))
    dataset = MSRVTTCaptionDataset(**arguments)
    assert dataset.row(0).answers == ('one', 'two') and len(dataset) == 2


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (lambda f: f['sentences'].pop(), None),
        (lambda f: f['sentences'].clear(), 'video0.mp4 has no captions'),
        (lambda f: f['sentences'][1].update(caption=' '), 'video0.mp4 has a caption without text'),
        (
            lambda f: f['sentences'][1].update(video_id='video99'),
            '1 videos have captions and are not listed, such as video99',
        ),
        (lambda f: f['videos'][0].update(split='val'), r"Invalid enum value 'val' - at `videos\[0\].split`"),
        (lambda f: f['videos'][0].pop('split'), r'missing required field `split` - at `videos\[0\]'),
        (lambda f: f.pop('sentences'), 'missing required field `sentences`'),
    ],
)
def test_malformed_official_files_are_refused_with_the_place(tmp_path, change, message):
    arguments = MSRVTTCaptionDataset.shrink(dict(split='train'), tmp_path)
    file = tmp_path / 'msrvtt' / 'train_val_videodatainfo.json'
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))
    if message is None:
        assert len(MSRVTTCaptionDataset(**arguments)) == 4
        return
    with pytest.raises(ConfigError, match=message):
        MSRVTTCaptionDataset(**arguments)


def test_captions_in_another_encoding_are_refused(tmp_path):
    arguments = MSRVTTCaptionDataset.shrink(dict(split='val', layout='epalm'), tmp_path)
    file = tmp_path / 'msrvtt' / 'annotation' / 'msrvtt_caption_val.json'
    file.write_bytes(json.dumps([dict(video='video0.mp4', caption='café')], ensure_ascii=False).encode('latin-1'))
    with pytest.raises(ConfigError, match='UTF-8'):
        MSRVTTCaptionDataset(**arguments)
    file.write_text('[]')
    with pytest.raises(ConfigError, match='empty list of captions'):
        MSRVTTCaptionDataset(**arguments)
    file.unlink()
    with pytest.raises(MissingDataError, match='msrvtt_caption_val.json is not there'):
        MSRVTTCaptionDataset(**arguments)
