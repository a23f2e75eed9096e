import pytest

from mmalm.datasets import AsteriskSpeechDataset
from mmalm.datasets.asterisk_index import words_of
from mmalm.datasets.hash_split import SPLITS
from mmalm.encoders import AudioPreprocessing
from mmalm.errors import ConfigError, MissingDataError
from mmalm.zoo.store import read_manifest

PREPROCESSING = AudioPreprocessing(kind='whisper', sample_rate=16_000, mel_bins=80, frames=20)


@pytest.fixture(scope='module')
def made_up(tmp_path_factory):
    return AsteriskSpeechDataset.shrink({}, tmp_path_factory.mktemp('asterisk'))


def rows(dataset):
    return [dataset.row(int(place)) for place in dataset.rows]


def test_splits_share_no_text(made_up):
    texts = [{row.answers[0] for row in rows(AsteriskSpeechDataset(s, ['transcript'], **made_up))} for s in SPLITS]
    assert all(len(found) == 8 for found in texts) and len(set.union(*texts)) == 24


def test_a_sample(made_up):
    dataset = AsteriskSpeechDataset('test', ['word', 'transcript'], **made_up, preprocessing=PREPROCESSING)
    assert {row.task for row in rows(dataset)} == {'word', 'transcript'}
    sample = dataset[0]
    assert sample['spectrogram'].shape == (20, 80) and sample['answer'] in sample['answers']
    shuffled = AsteriskSpeechDataset('test', **made_up, preprocessing=PREPROCESSING, shuffle_media=1)
    assert all(shuffled[n]['media'] != rows(shuffled)[n].media for n in range(len(shuffled)))


def test_long_texts_are_left_out(made_up):
    with pytest.raises(ConfigError, match='none of 0'):
        AsteriskSpeechDataset('test', ['transcript'], **made_up, max_words=2)
    assert len(AsteriskSpeechDataset('test', ['transcript'], **made_up, max_words=None)) == 8


def test_mistakes_are_named(made_up, tmp_path, monkeypatch):
    for arguments, message in (
        (dict(split='dev'), "unknown split 'dev'"),
        (dict(tasks=['words']), "unknown task 'words'. Did you mean 'word'"),
        (dict(tasks='word'), 'tasks is a list'),
    ):
        with pytest.raises(ConfigError, match=message):
            AsteriskSpeechDataset(**{'split': 'train', **made_up, **arguments})
    monkeypatch.setenv('MMALM_HOME', str(tmp_path))
    with pytest.raises(MissingDataError, match='zoo.py fetch asterisk-speech'):
        AsteriskSpeechDataset('train')


@pytest.mark.skipif(
    read_manifest('asterisk-speech') is None or read_manifest('asterisk-transcripts') is None,
    reason='python tools/zoo.py fetch asterisk-speech asterisk-transcripts brings them',
)
def test_the_package():
    counts = {}
    texts = {}
    for split in SPLITS:
        found = rows(AsteriskSpeechDataset(split, ['word', 'sentence', 'transcript']))
        counts[split] = [sum(row.task == task for row in found) for task in ('word', 'sentence', 'transcript')]
        texts[split] = {words_of(row.answers[0]) for row in found if row.task == 'transcript'}
    assert counts == {'train': [252, 308, 332], 'val': [20, 56, 63], 'test': [92, 104, 118]}
    assert not texts['train'] & texts['test'] and not texts['train'] & texts['val'] and not texts['val'] & texts['test']
