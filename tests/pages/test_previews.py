"""What pages show of media of each kind, decoded again as a browser would."""

import base64
import io

import av
import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

from mmalm.datasets.media.audio import Waveform, read_audio
from mmalm.datasets.media.synthetic import write_media
from mmalm.datasets.media.video import open_video
from mmalm.errors import MissingDataError
from mmalm.pages.drawings import heat_picture, seen_picture, sheet, wave_picture
from mmalm.pages.players import clip_file, sound_file
from mmalm.pages.previews import BUDGET, Previews


@pytest.fixture(scope='module')
def clip(tmp_path_factory):
    file = tmp_path_factory.mktemp('media') / 'clip.mp4'
    write_media(file, 'video', 0)
    return open_video(file)


def tone(seconds=1.0, rate=22_050):
    return Waveform(0.5 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate).astype(np.float32), rate)


def content(address, kind):
    head, _, body = address.partition(',')
    assert head == f'data:{kind};base64'
    return base64.b64decode(body)


def test_a_picture():
    seen = Previews(1)(Image.new('RGB', (30, 20), 'red'))
    assert (seen.kind, seen.player, seen.about) == ('image', None, '30 × 20')
    assert Image.open(io.BytesIO(content(seen.picture, 'image/webp'))).size == (30, 20)


def test_a_sound_is_played_and_its_wave_drawn():
    seen = Previews(1)(tone())
    assert (seen.kind, seen.about) == ('audio', '1.0 s, 22,050 Hz')
    samples, rate = soundfile.read(io.BytesIO(content(seen.player, 'audio/mpeg')))
    assert rate == 16_000 and samples.ndim == 1 and 1.0 <= len(samples) / rate < 1.2
    spectrum = np.abs(np.fft.rfft(samples[4000:12000]))
    assert abs(np.argmax(spectrum) * rate / 8000 - 440) < 5
    assert content(seen.picture, 'image/webp')


def test_a_clip_is_played_at_its_own_speed(clip):
    seen = Previews(1)(clip)
    assert (seen.kind, seen.about) == ('video', '40 × 32, 8 frames')
    with av.open(io.BytesIO(content(seen.player, 'video/mp4'))) as file:
        stream = file.streams.video[0]
        frames = [frame.to_ndarray(format='rgb24') for frame in file.decode(stream)]
        assert stream.codec_context.name == 'h264' and len(frames) == 8
        assert float(file.duration / av.time_base) == pytest.approx(1.0, abs=0.15)
    for mine, theirs in zip(frames, clip.frames(range(8)), strict=True):
        assert np.allclose(mine.mean((0, 1)), theirs.mean((0, 1)), atol=12)


@pytest.mark.parametrize('most', [1_000, 5_000])
def test_files_get_smaller_until_they_fit(most, clip):
    noise = Waveform(np.random.default_rng(0).normal(0, 0.3, 80_000).astype(np.float32), 16_000)
    assert len(sound_file(noise, most)) <= max(most, 1_600)
    assert len(clip_file(clip, most)) <= max(most, 2_600)


def test_many_players_share_the_budget():
    assert Previews(100).cap * 100 * 4 / 3 <= BUDGET


def test_what_cannot_be_had_says_why(tmp_path):
    class Broken:
        modality = 'audio'

        def load_media(self, key):
            raise MissingDataError(f'{key} is missing.\nFetch it.')

    seen = Previews(1).of(Broken(), 'a.wav')
    assert (seen.kind, seen.picture, seen.player, seen.instead) == ('audio', None, None, 'a.wav is missing.')
    assert Previews(1).of(object(), 'a.png').instead == 'this data set shows no media'


def test_silence_is_a_line_and_loud_parts_are_high():
    silence = np.asarray(wave_picture(Waveform(np.zeros(100, np.float32), 8_000)))
    drawn = (silence == (42, 91, 215)).all(-1)
    assert drawn.sum() == silence.shape[1]
    sound = Waveform(np.concatenate([np.zeros(500), np.tile([-1.0, 1.0], 250)]).astype(np.float32), 8_000)
    heights = (np.asarray(wave_picture(sound)) == (42, 91, 215)).all(-1).sum(0)
    assert heights[:200].max() == 1 and heights[-200:].min() == silence.shape[0]


def test_a_spectrogram_has_time_to_the_right_and_low_frequencies_below():
    spectrogram = torch.zeros(10, 4)
    spectrogram[7, 0] = 1.0
    picture = np.asarray(heat_picture(spectrogram)).astype(int).sum(-1)
    assert picture.shape == (4, 10)
    assert np.unravel_index(picture.argmax(), picture.shape) == (3, 7)
    assert len(np.unique(np.asarray(heat_picture(torch.ones(3, 2))).reshape(-1, 3), axis=0)) == 1


def test_frames_stand_in_rows():
    frames = torch.stack([torch.full((3, 32, 32), value) for value in (0.0, 0.5, 1.0)])
    picture = sheet(frames, (0, 0, 0), (1, 1, 1))
    assert picture.size == (65, 65)
    assert [picture.getpixel(at)[0] for at in ((5, 5), (40, 5), (5, 40), (40, 40))] == [0, 128, 255, 255]


def test_what_the_encoder_is_given_in_words(clip):
    class Statistics:
        mean, std = (0, 0, 0), (1, 1, 1)

    assert seen_picture('image', torch.zeros(3, 4, 6), Statistics)[1] == '6 × 4'
    assert seen_picture('video', torch.zeros(5, 3, 4, 6), Statistics)[1] == '5 frames, 6 × 4'
    assert seen_picture('audio', torch.zeros(1024, 128), None)[1] == '1,024 frames × 128 mel bins'


def test_files_of_the_disk(tmp_path):
    write_media(tmp_path / 'a.wav', 'audio', 0)
    assert Previews(3)(read_audio(tmp_path / 'a.wav')).about == '0.5 s, 16,000 Hz'
