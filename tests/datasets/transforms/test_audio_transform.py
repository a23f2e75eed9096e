import numpy as np
import pytest
import torch
from tiny_sounds import tone

from mmalm.datasets.media.audio import Waveform
from mmalm.datasets.transforms import AudioTransform
from mmalm.encoders import AudioPreprocessing, Preprocessing
from mmalm.errors import ConfigError
from mmalm.registry import TRANSFORMS

WHISPER = AudioPreprocessing(kind='whisper', sample_rate=16_000, mel_bins=80, frames=50)
KALDI = AudioPreprocessing(kind='kaldi', sample_rate=16_000, mel_bins=128, frames=64, mean=-4.2677393, std=4.5689974)


def steps(seconds, rate=16_000):
    """A sound whose pitch tells where it is: 200 Hz higher in every tenth of a second."""
    parts = [tone(0.1, rate, 300 + 200 * number) for number in range(round(10 * seconds))]
    return Waveform(np.concatenate(parts), rate)


def pitch(spectrogram):
    """The loudest mel bin of each tenth of a second."""
    return [int(part.mean(0).argmax()) for part in spectrogram.split(10)]


@pytest.mark.parametrize('preprocessing', [WHISPER, KALDI])
@pytest.mark.parametrize(('seconds', 'rate'), [(0.01, 8_000), (0.5, 44_100), (3.0, 16_000)])
def test_every_sound_fills_the_window(preprocessing, seconds, rate):
    found = AudioTransform(preprocessing)(Waveform(tone(seconds, rate), rate))
    assert found.shape == preprocessing.shape and found.dtype == torch.float32 and found.isfinite().all()


@pytest.mark.parametrize('preprocessing', [WHISPER, KALDI])
def test_silence_has_no_nan(preprocessing):
    for crop in ('start', 'random'):
        assert AudioTransform(preprocessing, crop=crop)(Waveform(np.zeros(20_000, np.float32), 16_000)).isfinite().all()


def test_kaldi_is_normalised_and_padded_as_ast_does():
    found = AudioTransform(KALDI)(Waveform(tone(0.1), 16_000))
    # 8 whole windows, then zeros before the statistics
    assert torch.allclose(found[8:], torch.full((56, 128), 4.2677393 / (2 * 4.5689974)))
    assert not torch.allclose(found[7], found[8])


def test_what_is_kept_of_a_long_sound():
    sound = steps(1.5)
    first = pitch(AudioTransform(WHISPER)(steps(0.5)))
    start, centre = (pitch(AudioTransform(WHISPER, crop=crop)(sound)) for crop in ('start', 'centre'))
    assert start[:4] == first[:4] and all(a < b for a, b in zip(start, centre, strict=True))
    drawn = {tuple(pitch(AudioTransform(WHISPER, crop='random')(sound))) for _ in range(5)}
    assert len(drawn) > 1


def test_kaldi_cuts_to_exactly_its_frames():
    sound = steps(3.0)
    found = AudioTransform(KALDI)(sound)
    assert (found[-1] - 4.2677393 / (2 * 4.5689974)).abs().max() > 0.01  # the last frame is a real one


def test_how_a_short_sound_is_filled():
    sound = Waveform(tone(0.1), 16_000)
    silent, again = (AudioTransform(WHISPER, fill=fill)(sound) for fill in ('silence', 'repeat'))
    assert torch.allclose(silent[20:], silent[20, 0].expand(30, 80)) and silent[20:].max() < silent[:8].max()
    assert (again[12:18] - again[22:28]).abs().max() < 1e-3 and again[25].max() == pytest.approx(
        float(again[5].max()), abs=1e-3
    )


def test_spec_augment_blots_out_bands_and_follows_the_seed():
    transform = AudioTransform(WHISPER, augment=dict(freq=24, time=20))
    plain = AudioTransform(WHISPER)(steps(0.5))
    torch.manual_seed(3)
    first = transform(steps(0.5))
    torch.manual_seed(3)
    assert torch.equal(first, transform(steps(0.5)))
    changed = first != plain
    assert 0 < changed.float().mean() < 1 and (first[changed] == 0).all()
    assert not torch.equal(first, transform(steps(0.5)))
    assert torch.equal(AudioTransform(WHISPER, augment=dict(freq=0, time=0))(steps(0.5)), plain)


def test_what_is_deterministic_says_so():
    for changes, expected in (
        ({}, True),
        ({'crop': 'centre'}, True),
        ({'crop': 'random'}, False),
        ({'augment': {}}, False),
    ):
        transform = TRANSFORMS.build(dict(type='AudioTransform', **changes), key='transform', preprocessing=WHISPER)
        assert transform.deterministic is expected
    specs = [AudioTransform(WHISPER, **c).spec() for c in ({}, {'crop': 'centre'}, {'fill': 'repeat'}, {'augment': {}})]
    assert all(a != b for n, a in enumerate(specs) for b in specs[:n])
    assert AudioTransform(WHISPER.as_dict()).spec() == specs[0]


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(crop='center'), "unknown crop 'center'. Did you mean 'centre'"),
        (dict(fill='zeros'), "unknown fill 'zeros'"),
        (dict(augment=dict(frequency=2)), "unknown key 'frequency'. Did you mean 'freq'"),
        (dict(augment=dict(freq=-1)), 'freq is how many to blot out'),
        (dict(preprocessing=Preprocessing(224, (0.5,) * 3, (0.5,) * 3)), 'the encoder takes no sound'),
    ],
)
def test_mistakes_are_named(arguments, message):
    with pytest.raises(ConfigError, match=message):
        AudioTransform(**{'preprocessing': WHISPER, **arguments})
