import numpy as np
import pytest
import torch
from tiny_sounds import tone
from transformers import ASTFeatureExtractor, WhisperFeatureExtractor

from mmalm.datasets.media.audio import Waveform
from mmalm.datasets.transforms.spectrogram import mel_spectrogram, resampled
from mmalm.encoders import AudioPreprocessing

WHISPER = AudioPreprocessing(kind='whisper', sample_rate=16_000, mel_bins=80, frames=100)
KALDI = AudioPreprocessing(kind='kaldi', sample_rate=16_000, mel_bins=128, frames=98)


def noise(count=16_000):
    return np.random.default_rng(0).normal(0, 0.1, count).astype(np.float32)


@pytest.mark.parametrize('rate', [8_000, 11_025, 11_127, 22_254, 44_100, 48_000])
def test_resampling_keeps_length_and_pitch(rate):
    sound = Waveform(tone(1.0, rate, 440.0), rate)
    found = resampled(sound, 16_000)
    assert len(found) == pytest.approx(16_000, abs=10)
    assert torch.fft.rfft(found).abs().argmax() == 440
    assert torch.equal(found, resampled(sound, 16_000))
    assert found.abs().max() == pytest.approx(0.5, abs=0.03)


def test_the_own_rate_is_left_alone():
    sound = Waveform(noise(), 16_000)
    assert torch.equal(resampled(sound, 16_000), torch.from_numpy(sound.samples))


def test_whispers_equals_transformers():
    extractor = WhisperFeatureExtractor()
    for samples in (noise(), tone(1.0), np.zeros(16_000, np.float32)):
        expected = extractor(samples, sampling_rate=16_000, padding='do_not_pad', return_tensors='np').input_features[0]
        found = mel_spectrogram(torch.from_numpy(samples), WHISPER)
        assert found.shape == (100, 80)
        assert np.abs(found.numpy() - expected.T).max() < 2e-5


def test_asts_equals_transformers():
    extractor = ASTFeatureExtractor(do_normalize=False, max_length=98)
    for samples in (noise(), tone(1.0)):
        samples -= samples.mean()
        expected = extractor(samples, sampling_rate=16_000, return_tensors='np').input_values[0]
        found = mel_spectrogram(torch.from_numpy(samples), KALDI)
        assert found.shape == (98, 128)
        assert np.abs(found.numpy() - expected).max() < 1e-4


def test_the_mean_is_taken_out_for_kaldi():
    samples = torch.from_numpy(noise())
    assert (mel_spectrogram(samples, KALDI) - mel_spectrogram(samples + 0.3, KALDI)).abs().max() < 1e-2


@pytest.mark.parametrize('wanted', [WHISPER, KALDI])
def test_silence_and_a_few_samples_give_numbers(wanted):
    for samples in (torch.zeros(16_000), torch.zeros(300), torch.ones(300)):
        assert mel_spectrogram(samples, wanted).isfinite().all()
