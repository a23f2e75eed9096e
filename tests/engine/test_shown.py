"""Media are shown, and asked about, as the data sets of a config do it."""

from types import SimpleNamespace

import pytest

from mmalm.engine.shown import Shown
from mmalm.errors import ConfigError

PICTURES = dict(size=(8, 8), mean=(0.5,) * 3, std=(0.5,) * 3)
CLIPS = dict(PICTURES, frames=2)
SOUNDS = dict(kind='whisper', sample_rate=16_000, mel_bins=8, frames=10)


def shown(preprocessing, modality, dataset):
    config = {'test_dataloader': {'dataset': dataset}} if dataset else {}
    return Shown(SimpleNamespace(preprocessing=preprocessing), config, modality)


@pytest.mark.parametrize(
    ('preprocessing', 'modality', 'dataset', 'question'),
    [
        (PICTURES, 'image', {}, 'Describe the picture.'),
        (CLIPS, 'video', {}, 'Describe the video.'),
        (PICTURES, 'image', dict(type='VQAv2Dataset'), 'Describe the picture.'),
        (PICTURES, 'image', dict(type='JsonlDataset'), ''),
        (SOUNDS, 'audio', dict(type='JsonlDataset', modality='audio'), ''),
        (PICTURES, 'image', dict(type='CocoCaptionDataset'), ''),
        (PICTURES, 'image', dict(type='CocoCaptionDataset', question='What is seen?'), 'What is seen?'),
        (SOUNDS, 'audio', dict(type='AsteriskSpeechDataset'), 'What is said?'),
        (SOUNDS, 'audio', dict(type='StampSoundsDataset'), 'What makes this sound?'),
        (PICTURES, 'image', dict(type='AsteriskSpeechDataset'), 'Describe the picture.'),
    ],
)
def test_a_caption_is_asked_for_as_in_training(preprocessing, modality, dataset, question):
    assert shown(preprocessing, modality, dataset).caption == question


def test_a_random_transform_shows_nothing_twice_alike():
    augmented = dict(type='ImageTransform', augment=dict())
    with pytest.raises(
        ConfigError, match='The only transform of this config is random, so a picture has no one answer'
    ):
        shown(PICTURES, 'image', dict(type='JsonlDataset', transform=augmented))
