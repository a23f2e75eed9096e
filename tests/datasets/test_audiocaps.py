import json

import pytest
import soundfile
from tiny_sounds import write_tone

from mmalm.datasets import AudioCapsDataset
from mmalm.encoders import AudioPreprocessing
from mmalm.errors import ConfigError, MissingDataError

PREPROCESSING = AudioPreprocessing(kind='whisper', sample_rate=16_000, mel_bins=80, frames=20)
TEST = (
    'audiocap_id,youtube_id,start_time,caption\n'
    '1,ab-c_1,30,A dog barks\n2,ab-c_1,30,"Barking, loudly"\n3,xy,0,Rain falls\n4,xy,0,It rains\n'
)


@pytest.fixture
def official(tmp_path):
    for name in ('ab-c_1', 'xy'):
        write_tone(tmp_path / 'audios' / f'{name}.wav', 0.2, 22_050)
    for split in ('train', 'test'):
        (tmp_path / f'{split}.csv').write_text(TEST)
    return tmp_path


def test_the_official_file(official):
    test = AudioCapsDataset('test', root=official, preprocessing=PREPROCESSING)
    sample = test[0]
    assert len(test) == 2 and test.modality == 'audio' and sample['spectrogram'].shape == (20, 80)
    assert (sample['id'], sample['task'], sample['question'], sample['answer']) == (
        'ab-c_1',
        'caption',
        '',
        'A dog barks',
    )
    assert sample['references'] == ['A dog barks', 'Barking, loudly'] and sample['answers'] == []
    train = AudioCapsDataset('train', root=official, preprocessing=PREPROCESSING)
    assert [train[n]['answer'] for n in range(4)] == ['A dog barks', 'Barking, loudly', 'Rain falls', 'It rains']


def test_names_of_sounds_are_made_as_told(official):
    for name in ('ab-c_1', 'xy'):
        path = official / 'audios' / f'{name}.wav'
        path.rename(path.with_name(f'Y{name}_{30 if name == "ab-c_1" else 0}.wav'))
    found = AudioCapsDataset('test', root=official, name='Y{youtube_id}_{start_time}.wav')
    assert found.media == ['Yab-c_1_30.wav', 'Yxy_0.wav']
    with pytest.raises(ConfigError, match=r"name='\{youtube}.wav' is made of \{youtube_id\}"):
        AudioCapsDataset('test', root=official, name='{youtube}.wav')


def test_the_released_file(tmp_path):
    entries = [{'audio': 'a.wav', 'caption': ['one', 'two']}, {'audio': 'b.wav', 'caption': 'three', 'image_id': 7}]
    (tmp_path / 'annotation').mkdir()
    (tmp_path / 'annotation' / 'audiocaps_caption_val.json').write_text(json.dumps(entries))
    for name in ('a', 'b'):
        write_tone(tmp_path / 'audios' / f'{name}.wav', 0.1)
    found = AudioCapsDataset('val', root=tmp_path, layout='epalm', preprocessing=PREPROCESSING)
    assert [found[n]['references'] for n in range(2)] == [['one', 'two'], ['three']]


def test_sounds_that_are_gone_or_damaged(official, tmp_path, monkeypatch):
    monkeypatch.setenv('MMALM_HOME', str(tmp_path / 'home'))
    (official / 'audios' / 'ab-c_1.wav').unlink()
    with pytest.raises(MissingDataError, match=r"(?s)1 of 2 sounds .*ab-c_1.wav.*unreadable='leave_out'"):
        AudioCapsDataset('test', root=official)
    left = AudioCapsDataset('test', root=official, unreadable='leave_out')
    assert len(left) == 1 and left.notes == ['1 of 2 sounds are missing, such as ab-c_1.wav, and left out']
    soundfile.write(official / 'audios' / 'ab-c_1.wav', [], 16_000)
    left = AudioCapsDataset('test', root=official, unreadable='leave_out')
    assert left.media == ['xy.wav'] and 'unreadable' in left.notes[0]
    damaged = AudioCapsDataset('test', root=official, preprocessing=PREPROCESSING)
    with pytest.raises(MissingDataError, match='question ab-c_1: .*no samples: zero length'):
        damaged[0]


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('[{"audio": "a.wav"}]', 'caption'),
        ('[{"audio": "a.wav", "caption": []}]', r'entry 0 \(a.wav\) has no captions'),
        ('[{"audio": "a.wav", "caption": " "}]', 'a.wav has a caption without text'),
        ('[]', 'empty list'),
    ],
)
def test_malformed_released_files(tmp_path, content, message):
    (tmp_path / 'c.json').write_text(content)
    with pytest.raises(ConfigError, match=message):
        AudioCapsDataset('val', root=tmp_path, layout='epalm', captions=tmp_path / 'c.json')


def test_captions_in_another_encoding(official):
    (official / 'test.csv').write_bytes(TEST.replace('dog', 'd\xf6g').encode('latin-1'))
    with pytest.raises(ConfigError, match=r'test.csv, line 2: byte 0xf6 is not UTF-8'):
        AudioCapsDataset('test', root=official)


@pytest.mark.parametrize('layout', ['official', 'epalm'])
def test_it_shrinks(tmp_path, layout):
    arguments = AudioCapsDataset.shrink(dict(split='val', layout=layout, name='x'), tmp_path)
    assert len(AudioCapsDataset(**arguments, preprocessing=PREPROCESSING)[0]['references']) == 2
