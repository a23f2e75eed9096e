import pytest
from stamps_fixture import write_stamps
from tiny_sounds import write_tone

from mmalm.datasets import StampsDataset, StampSoundsDataset
from mmalm.datasets.hash_split import SPLITS, TURNS
from mmalm.encoders import AudioPreprocessing
from mmalm.errors import ConfigError, MissingDataError

PREPROCESSING = AudioPreprocessing(kind='whisper', sample_rate=16_000, mel_bins=80, frames=20)


@pytest.fixture(scope='module')
def stamps(tmp_path_factory):
    root = write_stamps(tmp_path_factory.mktemp('stamps'))
    for picture in [*root.rglob('thing?.png'), *root.rglob('thing??.png')]:
        if 'food' not in picture.parts:
            write_tone(picture.with_suffix('.ogg' if 'birds' in picture.parts else '.wav'), 0.1, 22_050)
    return root


def rows(dataset):
    return [dataset.row(int(place)) for place in dataset.rows]


def test_sounds_are_split_as_their_pictures(stamps):
    for split in SPLITS:
        sounds = {media.rsplit('.', 1)[0] for media in StampSoundsDataset(split, ['animal'], str(stamps)).media}
        pictures = {media.rsplit('.', 1)[0] for media in StampsDataset(split, ['caption'], str(stamps)).media}
        assert sounds and sounds == {name for name in pictures if not name.startswith('food')}


def test_five_turns_test_every_sound_once(stamps):
    tested = [m for turn in range(TURNS) for m in StampSoundsDataset('test', ['animal'], str(stamps), turn=turn).media]
    every = {m for split in SPLITS for m in StampSoundsDataset(split, ['animal'], str(stamps)).media}
    assert len(tested) == len(set(tested)) and set(tested) == every


def test_questions_and_answers(stamps):
    found = [
        row for split in SPLITS for row in rows(StampSoundsDataset(split, ['kind', 'animal', 'name'], str(stamps)))
    ]
    kinds = {row.media.rsplit('/', 1)[0]: row.answers[0] for row in found if row.task == 'kind'}
    # fish are neither birds nor mammals; flags and cars are things
    assert kinds == {
        'animals/birds': 'bird',
        'animals/mammals/cats': 'mammal',
        'clothes/hats': 'thing',
        'town/flags': 'thing',
        'vehicles/auto': 'thing',
    }
    assert {row.answers[0] for row in found if row.task == 'animal' and row.media.startswith('animals')} == {'yes'}
    assert {row.candidates for row in found if row.task == 'name'} == {()}


def test_a_sample(stamps):
    dataset = StampSoundsDataset('train', root=str(stamps), preprocessing=PREPROCESSING)
    sample = dataset[0]
    assert sample['spectrogram'].shape == (20, 80) and sample['answers'] == ['bird', 'mammal', 'thing']
    assert sample['references'] == [sample['answer']]


def test_silence_copies_and_speech_are_left_out(stamps):
    extra = stamps / 'animals' / 'mammals'
    names = ('giraffe', 'badger')
    for name in names:
        (extra / f'{name}.png').write_bytes((stamps / 'animals/birds/thing0.png').read_bytes())
        (extra / f'{name}.txt').write_text(f'A {name}.\n')
        write_tone(extra / f'{name}.ogg', 0.1)
    every = {m for split in SPLITS for m in StampSoundsDataset(split, root=str(stamps)).media}
    assert 'animals/mammals/badger.ogg' in every and 'animals/mammals/giraffe.ogg' not in every
    for name in names:
        for ending in ('png', 'txt', 'ogg'):
            (extra / f'{name}.{ending}').unlink()


def test_it_shrinks(tmp_path):
    arguments = StampSoundsDataset.shrink(dict(split='test', tasks=['kind', 'animal'], turn=3), tmp_path)
    assert {row.task for row in rows(StampSoundsDataset(**arguments))} == {'kind', 'animal'}


def test_mistakes_are_named(stamps, tmp_path, monkeypatch):
    for arguments, message in (
        (dict(split='dev'), "unknown split 'dev'"),
        (dict(tasks=['kinds']), "unknown task 'kinds'. Did you mean 'kind'"),
        (dict(tasks='kind'), 'tasks is a list'),
        (dict(turn=5), 'turn is a number from 0 to 4'),
    ):
        with pytest.raises(ConfigError, match=message):
            StampSoundsDataset(**{'split': 'train', 'root': str(stamps), **arguments})
    monkeypatch.setenv('MMALM_HOME', str(tmp_path))
    with pytest.raises(MissingDataError, match='zoo.py fetch tuxpaint-stamps'):
        StampSoundsDataset('train')
