import pytest
from tiny_sounds import write_tone

from mmalm.datasets import ClothoDataset
from mmalm.encoders import AudioPreprocessing
from mmalm.errors import ConfigError, MissingDataError

PREPROCESSING = AudioPreprocessing(kind='whisper', sample_rate=16_000, mel_bins=80, frames=20)
HEADER = 'file_name,caption_1,caption_2,caption_3,caption_4,caption_5\n'


def write(root, name, text):
    write_tone(root / name / 'A sound, 1.wav', 0.2, 44_100)
    (root / f'clotho_captions_{name}.csv').write_text(HEADER + text)
    return root


def test_the_official_files(tmp_path):
    for name in ('development', 'validation', 'evaluation'):
        write(tmp_path, name, '"A sound, 1.wav",one,two,three,four,five\n')
    train, val, test = (ClothoDataset(s, root=tmp_path, preprocessing=PREPROCESSING) for s in ('train', 'val', 'test'))
    assert [len(d) for d in (train, val, test)] == [5, 1, 1]
    assert [train[n]['answer'] for n in range(5)] == ['one', 'two', 'three', 'four', 'five']
    assert test[0]['references'] == ['one', 'two', 'three', 'four', 'five'] and test[0]['id'] == 'A sound, 1'
    assert test.media_path(test.media[0]) == tmp_path / 'evaluation' / 'A sound, 1.wav'


def test_malformed_files(tmp_path):
    write(tmp_path, 'evaluation', '"A sound, 1.wav",one,two,three,four\n')
    with pytest.raises(ConfigError, match='line 2: caption_5 empty or missing'):
        ClothoDataset('test', root=tmp_path)
    with pytest.raises(MissingDataError, match='clotho_captions_development.csv cannot be read: No such file'):
        ClothoDataset('train', root=tmp_path)


def test_it_shrinks(tmp_path):
    found = ClothoDataset(**ClothoDataset.shrink(dict(split='test'), tmp_path), preprocessing=PREPROCESSING)
    assert len(found) == 3 and len(found[0]['references']) == 5
