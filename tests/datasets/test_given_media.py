import numpy as np
import pytest
from PIL import Image

from mmalm.datasets.given_media import check_media, find_media, modality_of, open_medium
from mmalm.datasets.media.audio import Waveform
from mmalm.datasets.media.synthetic import write_media
from mmalm.datasets.media.video import VideoClip, open_video
from mmalm.errors import ConfigError, MissingDataError

SOUND = Waveform(np.zeros(10, np.float32), 8_000)


@pytest.fixture
def folder(tmp_path):
    for name, modality in (('a.jpg', 'image'), ('b.mp4', 'video'), ('c.wav', 'audio')):
        write_media(tmp_path / name, modality, 0)
    (tmp_path / 'notes.txt').write_text('no picture')
    (tmp_path / 'sub').mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ('medium', 'perceived', 'expected'),
    [
        ('cat.JPG', ['image'], 'image'),
        ('cat.jpg', ['audio', 'image'], 'image'),
        ('dog.mp4', ['image', 'video', 'audio'], 'video'),
        ('dog.mp4', ['image', 'audio'], 'audio'),
        ('dog.gif', ['video', 'audio'], 'video'),
        ('dog.wav', ['image', 'audio'], 'audio'),
        ('no_ending', ['video'], 'video'),
        (SOUND, ['image', 'audio'], 'audio'),
        (np.zeros((2, 2, 3)), ['audio', 'image'], 'image'),
    ],
)
def test_the_modality_by_ending_and_by_what_the_model_perceives(medium, perceived, expected):
    assert modality_of(medium, perceived) == expected


@pytest.mark.parametrize(
    ('medium', 'perceived', 'modality', 'message'),
    [
        ('dog.wav', ['image'], None, 'dog.wav is a sound, and this model perceives pictures'),
        ('cat.png', ['video', 'audio'], None, 'cat.png is a picture, and this model perceives videos and sounds'),
        (SOUND, ['image'], None, 'Waveform is a sound, and'),
        ('file.xyz', ['image', 'audio'], None, "file.xyz: its ending does not say what it is.*modality='image'"),
        ('file.xyz', ['image'], 'audio', "modality='audio': this model perceives pictures"),
    ],
)
def test_media_the_model_does_not_perceive(medium, perceived, modality, message):
    with pytest.raises(ConfigError, match=message):
        modality_of(medium, perceived, modality)


def test_media_are_opened_by_kind(folder):
    assert open_medium(folder / 'a.jpg', 'image', lambda picture: picture.convert('RGB')).mode == 'RGB'
    assert isinstance(open_medium(str(folder / 'b.mp4'), 'video', None), VideoClip)
    assert open_medium(folder / 'c.wav', 'audio', None).rate == 16_000
    clip = open_video(folder / 'b.mp4')
    assert open_medium(clip, 'video', None) is clip and open_medium(SOUND, 'audio', None) is SOUND


def test_media_that_cannot_be_opened(folder):
    with pytest.raises(MissingDataError, match=r'The sound .*notes.txt \(10 bytes\) cannot be read as a sound'):
        open_medium(folder / 'notes.txt', 'audio', None)
    with pytest.raises(MissingDataError, match='The video .*gone.mp4 is not there'):
        open_medium(folder / 'gone.mp4', 'video', None)
    with pytest.raises(ConfigError, match='A sound is a path or a Waveform; found ndarray'):
        open_medium(np.zeros(5), 'audio', None)


def test_a_folder_stands_for_all_its_media(folder):
    assert [path.name for path in find_media([str(folder)])] == ['a.jpg', 'b.mp4', 'c.wav']
    with pytest.raises(MissingDataError, match='No pictures, videos or sounds found for:\n.*a folder without pictures'):
        find_media([str(folder / 'sub')])


def test_all_that_cannot_be_read_is_told_at_once(folder):
    Image.effect_noise((90, 90), 50).save(folder / 'cut.jpg')
    for name in ('cut.jpg', 'b.mp4'):
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(MissingDataError) as caught:
        check_media([folder / name for name in ('a.jpg', 'notes.txt', 'cut.jpg', 'gone.png', 'sub')])
    lines = str(caught.value).splitlines()
    assert lines[0] == '4 of 5 pictures cannot be read:'
    assert lines[1].endswith('notes.txt (10 bytes) is no picture')
    assert 'cut.jpg cannot be read: ' in lines[2]
    assert lines[3].endswith('gone.png is not there') and lines[4].endswith('sub is a folder')
    with pytest.raises(
        MissingDataError, match=r'1 of 2 files cannot be read:\n  - .*b.mp4 .* cannot be read as a video'
    ):
        check_media([folder / 'b.mp4', folder / 'c.wav'])
