import pytest
import torch
from tiny_sounds import WHISPER, tiny_whisper
from transformers import WhisperConfig, WhisperModel

from mmalm.encoders import WhisperEncoder
from mmalm.engine.dry_run.offline import no_network
from mmalm.errors import ConfigError
from mmalm.registry import ENCODERS


def by_hand(encoder, spectrogram, blocks):
    """The first blocks of transformers' encoder, run one by one on a window of any length."""
    gelu = torch.nn.functional.gelu
    hidden = gelu(encoder.conv2(gelu(encoder.conv1(spectrogram.transpose(1, 2))))).transpose(1, 2)
    hidden = hidden + encoder.embed_positions.weight[: hidden.shape[1]]
    for layer in encoder.layers[:blocks]:
        out = layer(hidden, None)
        hidden = out[0] if isinstance(out, tuple) else out
    return encoder.layer_norm(hidden)


def test_at_full_length_it_is_the_whole_encoder():
    torch.manual_seed(0)
    model = WhisperModel(WhisperConfig(**WHISPER)).eval()
    encoder = tiny_whisper(levels=3)
    encoder.model.load_state_dict(model.encoder.state_dict())
    spectrogram = torch.randn(2, 100, 80)
    seen = encoder(spectrogram)
    with torch.no_grad():
        assert torch.equal(seen.levels[-1], model.encoder(spectrogram.transpose(1, 2)).last_hidden_state)
        for level in range(3):
            assert torch.allclose(seen.levels[level], by_hand(model.encoder, spectrogram, level + 1), atol=1e-6)
    assert seen.cls.shape == (2, 3, 16) and torch.allclose(seen.cls[:, 1], seen.levels[1].mean(1))


def test_a_window_as_long_as_the_model_is_no_window():
    whole, window = tiny_whisper(levels=3), tiny_whisper(levels=3, seconds=1.0)
    window.model.load_state_dict(whole.model.state_dict())
    spectrogram = torch.randn(1, 100, 80)
    assert torch.equal(whole(spectrogram).cls, window(spectrogram).cls)


def test_a_short_window_has_the_first_positions():
    torch.manual_seed(0)
    model = WhisperModel(WhisperConfig(**WHISPER)).eval()
    state = model.encoder.state_dict()
    encoder = tiny_whisper(levels=2, seconds=0.5)
    assert (
        encoder.preprocessing.frames == 50
        and encoder.tokens == [25, 25]
        and encoder.blank(1, 'cpu').shape == (1, 50, 80)
    )
    encoder.model.load_state_dict({**state, 'embed_positions.weight': state['embed_positions.weight'][:25]})
    spectrogram = torch.randn(2, 50, 80)
    seen = encoder(spectrogram)
    with torch.no_grad():
        for level in range(2):
            assert torch.allclose(seen.levels[level], by_hand(model.encoder, spectrogram, level + 2), atol=1e-6)


def test_it_has_no_cls_and_says_what_it_takes():
    encoder = ENCODERS.build(dict(type='WhisperEncoder', config=WHISPER, levels=1), key='encoder')
    assert (encoder.modality, encoder.takes) == ('audio', 'spectrogram')
    assert (encoder.layout.prefix, encoder.layout.grid) == (0, None)
    expected = dict(kind='whisper', sample_rate=16_000, mel_bins=80, frames=100, mean=0.0, std=0.5)
    assert encoder.preprocessing.as_dict() == expected
    assert type(encoder.model).__name__ == 'WhisperEncoder'  # the decoder is not kept


def test_attention_is_exact_under_every_kernel():
    encoder, other = tiny_whisper(attention='eager'), tiny_whisper(attention='sdpa')
    other.model.load_state_dict(encoder.model.state_dict())
    spectrogram = torch.randn(2, 100, 80)
    assert (encoder(spectrogram).cls - other(spectrogram).cls).abs().max() < 1e-5
    assert encoder.model.config._attn_implementation == 'eager' and other.model.config._attn_implementation == 'sdpa'


def test_weights_come_from_a_folder(tmp_path):
    torch.manual_seed(0)
    model = WhisperModel(WhisperConfig(**WHISPER)).eval()
    model.save_pretrained(tmp_path)
    loaded = WhisperEncoder(model=str(tmp_path), levels=1)
    spectrogram = torch.randn(1, 100, 80)
    with torch.no_grad():
        assert torch.equal(loaded(spectrogram).levels[0], model.encoder(spectrogram.transpose(1, 2)).last_hidden_state)
    (tmp_path / 'preprocessor_config.json').write_text(
        '{"feature_extractor_type": "WhisperFeatureExtractor", "hop_length": 100}'
    )
    with pytest.raises(ConfigError, match='hop_length=100; Whisper spectrograms are made with 160'):
        WhisperEncoder(model=str(tmp_path), levels=1)


@pytest.mark.parametrize('seconds', [None, 4.0])
def test_it_shrinks_without_weights_or_network(tmp_path, seconds):
    arguments = dict(model='zoo:whisper-tiny-en', seconds=seconds)
    with no_network():
        small = WhisperEncoder(**WhisperEncoder.shrink(arguments, tmp_path))
    assert (small.depth, small.num_levels, small.preprocessing.shape) == (4, 4, (50, 80))
    assert sum(p.numel() for p in small.parameters()) < 100_000


def test_the_published_model_has_its_published_size():
    with torch.device('meta'):
        real = WhisperEncoder(model='zoo:whisper-tiny-en')
    assert sum(p.numel() for p in real.model.parameters()) == 8_208_384
    assert real.tokens == [1500] * 4 and real.width == 384


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        ({}, "needs model='zoo:whisper-tiny-en'"),
        (dict(config=WHISPER, pooling='cls'), "no CLS token, so pooling='cls'"),
        (dict(config=WHISPER, seconds=1.5), 'not a window of 0.02 to 1 s'),
        (dict(config=WHISPER, seconds=0.001), 'not a window'),
        (dict(config=WHISPER, levels=4), 'has 3 levels; levels=4'),
        (dict(config=dict(model_type='vit')), "is of type 'vit'; WhisperEncoder takes 'whisper'"),
    ],
)
def test_mistakes_are_named(arguments, message):
    with pytest.raises(ConfigError, match=message):
        WhisperEncoder(**{'levels': 3, **arguments})
