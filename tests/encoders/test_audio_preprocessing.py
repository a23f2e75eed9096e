import json

import pytest

from mmalm.encoders import AudioPreprocessing
from mmalm.errors import ConfigError

GOOD = dict(kind='whisper', sample_rate=16_000, mel_bins=80, frames=400)


def test_sizes_follow_from_a_hundred_frames_a_second():
    whisper = AudioPreprocessing(**GOOD)
    assert (whisper.samples, whisper.window, whisper.shape) == (64_000, 400, (400, 80))
    # Kaldi's last window reaches 15 ms beyond its frame
    assert AudioPreprocessing(**{**GOOD, 'kind': 'kaldi', 'frames': 1024}).samples == 1023 * 160 + 400


def test_as_dict_is_json_and_comes_back():
    found = AudioPreprocessing(**GOOD)
    assert AudioPreprocessing(**json.loads(json.dumps(found.as_dict()))) == found


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        (dict(kind='kadli'), "unknown kind 'kadli'. Did you mean 'kaldi'"),
        (dict(frames=0), 'frames is a number from 1 on, found 0'),
        (dict(mel_bins=True), 'mel_bins is a number'),
        (dict(sample_rate=11_025), 'not divisible'),
        (dict(std=0.0), 'std must be positive'),
    ],
)
def test_mistakes_are_named(changes, message):
    with pytest.raises(ConfigError, match=message):
        AudioPreprocessing(**{**GOOD, **changes})
