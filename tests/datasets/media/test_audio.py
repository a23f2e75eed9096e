import re
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from tiny_sounds import tone, write_tone

from mmalm.datasets.media.audio import UNREADABLE, Waveform, read_audio, why_unreadable
from mmalm.datasets.media.kinds import KINDS


def encode(path, codec, samples, rate=16_000, layout='mono'):
    """Samples ``[channels, n]`` in a container that libsndfile does not know."""
    with av.open(str(path), 'w') as file:
        stream = file.add_stream(codec, rate=rate)
        stream.layout = layout
        frame = av.AudioFrame.from_ndarray(samples, format='fltp', layout=layout)
        frame.rate = rate
        resampler = av.AudioResampler(
            format=stream.format, layout=layout, rate=rate, frame_size=stream.frame_size or None
        )
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            file.mux(stream.encode(part))
        file.mux(stream.encode())
    return path


def why(path: Path) -> str:
    with pytest.raises(UNREADABLE) as raised:
        read_audio(path)
    return why_unreadable(path, raised.value)


@pytest.mark.parametrize(('ending', 'loss'), [('.wav', 1e-4), ('.flac', 1e-4), ('.ogg', 0.05), ('.mp3', 0.1)])
def test_formats_libsndfile_reads(tmp_path, ending, loss):
    sound = read_audio(write_tone(tmp_path / f'a{ending}', 1.0))
    assert sound.rate == 16_000 and sound.samples.dtype == np.float32
    assert len(sound.samples) == 16_000 and sound.seconds == 1.0
    assert np.abs(sound.samples - tone(1.0))[800:-800].max() < loss


@pytest.mark.parametrize(('ending', 'codec'), [('.m4a', 'aac'), ('.mp4', 'aac'), ('.mka', 'pcm_s16le')])
def test_formats_ffmpeg_reads(tmp_path, ending, codec):
    path = encode(tmp_path / f'a{ending}', codec, tone(1.0)[None])
    sound = read_audio(path)
    assert sound.rate == 16_000 and sound.seconds == pytest.approx(1.0, abs=0.1)
    spectrum = np.abs(np.fft.rfft(sound.samples[:16_000]))
    assert spectrum.argmax() == 440


def test_stereo_is_mixed_by_the_mean(tmp_path):
    left, right = tone(frequency=300), tone(frequency=900)
    soundfile.write(tmp_path / 'a.wav', np.stack([left, right], 1), 16_000, subtype='FLOAT')
    assert np.allclose(read_audio(tmp_path / 'a.wav').samples, (left + right) / 2, atol=1e-7)
    heard = read_audio(encode(tmp_path / 'a.mka', 'pcm_s16le', np.stack([left, right]), layout='stereo')).samples
    assert np.allclose(heard, (left + right) / 2, atol=1e-4)


def test_the_rate_is_the_files(tmp_path):
    assert read_audio(write_tone(tmp_path / 'a.wav', 0.5, 11_127)).rate == 11_127


def test_silence_is_a_sound(tmp_path):
    soundfile.write(tmp_path / 'a.wav', np.zeros(100), 8_000)
    sound = read_audio(tmp_path / 'a.wav')
    assert isinstance(sound, Waveform) and len(sound.samples) == 100 and not sound.samples.any()


def test_zero_length_is_told(tmp_path):
    soundfile.write(tmp_path / 'a.wav', np.zeros(0), 8_000)
    assert why(tmp_path / 'a.wav').endswith(
        'a.wav (44 bytes) cannot be read as a sound: it has no samples: zero length, or cut off before the first'
    )


def test_numbers_that_are_none_are_told(tmp_path):
    soundfile.write(tmp_path / 'a.wav', np.array([0.0, np.nan]), 8_000, subtype='FLOAT')
    assert 'no finite numbers' in why(tmp_path / 'a.wav')


@pytest.mark.parametrize('ending', ['.wav', '.ogg', '.flac', '.mp3', '.aiff', '.au', '.opus'])
def test_a_file_cut_off_is_told(tmp_path, ending):
    # noise of 8 s, so that what is left of compressed files has whole pages
    path, noise = tmp_path / f'a{ending}', np.random.default_rng(0).normal(scale=0.1, size=128_000)
    coded = dict(format='OGG', subtype='OPUS') if ending == '.opus' else {}
    soundfile.write(path, noise, 16_000, **coded)
    assert len(read_audio(path).samples) == 128_000
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert 'it is cut off' in why(path) or 'Invalid data' in why(path)


def test_a_file_that_ffmpeg_reads_is_held_against_its_length(tmp_path):
    path = encode(tmp_path / 'a.mka', 'aac', tone(4.0)[None])
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 95 // 100])
    assert 3.6 < read_audio(path).seconds < 4
    path.write_bytes(whole[: len(whole) // 2])
    assert re.search(r'it is cut off: [12]\.\d\d of 4\.\d\d s are there', why(path))


def test_a_wav_file_from_a_pipe_states_no_length(tmp_path):
    path = write_tone(tmp_path / 'a.wav')
    data = bytearray(path.read_bytes())
    data[40:44] = b'\xff\xff\xff\xff'
    path.write_bytes(bytes(data))
    assert len(read_audio(path).samples) == 8_000


def test_what_is_no_sound_is_told(tmp_path):
    assert why(tmp_path / 'gone.wav') == f'{tmp_path / "gone.wav"} is not there'
    assert why(tmp_path) == f'{tmp_path} is a folder'
    for name, content, reason in (('e.wav', b'', 'it is empty'), ('j.wav', b'RIFF' + bytes(99), 'Invalid data')):
        (tmp_path / name).write_bytes(content)
        assert reason in why(tmp_path / name)


def test_a_video_without_sound_is_told(tmp_path):
    with av.open(str(tmp_path / 'a.mp4'), 'w') as file:
        stream = file.add_stream('mpeg4', rate=8)
        stream.width, stream.height, stream.pix_fmt = 32, 32, 'yuv420p'
        file.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8))))
        file.mux(stream.encode())
    assert why(tmp_path / 'a.mp4').endswith('no audio stream, only video')


def test_data_sets_open_sounds_this_way(tmp_path):
    kind = KINDS['audio']
    assert kind.open(write_tone(tmp_path / 'a.wav')).rate == 16_000
    assert kind.unreadable is UNREADABLE and kind.spec['channels'] == 'mean' and kind.transform == 'AudioTransform'
