import pytest
import torch
from tiny_sounds import AST, tiny_ast
from torch import nn
from transformers import ASTConfig, ASTModel

from mmalm.encoders import ASTEncoder
from mmalm.engine.dry_run.offline import no_network
from mmalm.errors import ConfigError
from mmalm.registry import ENCODERS


def test_levels_are_blocks_through_the_final_norm():
    encoder = tiny_ast(levels=2)
    spectrogram = torch.randn(2, 36, 26)
    seen = encoder(spectrogram)
    output = encoder.model(spectrogram)
    assert seen.cls.shape == (2, 2, 16) and [level.shape for level in seen.levels] == [(2, 8, 16)] * 2
    assert torch.allclose(seen.levels[-1], output.last_hidden_state, atol=1e-6)
    # the second last: the model without its last block
    model = ASTModel(ASTConfig(**{**AST, 'num_hidden_layers': 2})).eval()
    model.load_state_dict({k: v for k, v in encoder.model.state_dict().items() if k in model.state_dict()})
    with torch.no_grad():
        assert torch.allclose(seen.levels[0], model(spectrogram).last_hidden_state, atol=1e-6)


def test_the_summary_is_cls_without_the_distillation_token():
    encoder = tiny_ast(levels=1)
    torch.nn.init.normal_(encoder.model.embeddings.distillation_token)  # both begin as zeros
    spectrogram = torch.randn(2, 36, 26)
    seen, output = encoder(spectrogram), encoder.model(spectrogram)
    assert torch.equal(seen.cls[:, 0], seen.levels[0][:, 0])
    assert not torch.allclose(seen.cls[:, 0], output.pooler_output, atol=1e-4)  # AST's own averages the two
    assert (encoder.layout.prefix, encoder.layout.patches, encoder.layout.grid) == (2, 6, None)
    pooled = tiny_ast(levels=1, pooling='mean')
    pooled.model.load_state_dict(encoder.model.state_dict())
    assert torch.allclose(pooled(spectrogram).cls[:, 0], seen.levels[0][:, 2:].mean(1))


def test_attention_is_exact_under_every_kernel():
    encoder, other = tiny_ast(attention='eager'), tiny_ast(attention='sdpa')
    other.model.load_state_dict(encoder.model.state_dict())
    spectrogram = torch.randn(2, 36, 26)
    assert (encoder(spectrogram).cls - other(spectrogram).cls).abs().max() < 1e-5
    assert encoder.model.config._attn_implementation == 'eager' and other.model.config._attn_implementation == 'sdpa'


def test_it_takes_sound_and_says_how():
    encoder = ENCODERS.build(dict(type='ASTEncoder', config=AST, levels=1), key='encoder')
    assert (encoder.modality, encoder.takes) == ('audio', 'spectrogram')
    assert encoder.blank(3, 'cpu').shape == (3, 36, 26)
    expected = dict(kind='kaldi', sample_rate=16_000, mel_bins=26, frames=36, mean=-4.2677393, std=4.5689974)
    assert encoder.preprocessing.as_dict() == expected
    assert tiny_ast(preprocessing=dict(mean=1.0)).preprocessing.mean == 1.0
    assert not any(parameter.requires_grad for parameter in encoder.parameters())


def test_weights_come_from_a_folder(tmp_path):
    tiny = tiny_ast()
    tiny.model.save_pretrained(tmp_path)
    (tmp_path / 'preprocessor_config.json').write_text(
        '{"feature_extractor_type": "ASTFeatureExtractor", "mean": -3.0}'
    )
    loaded = ASTEncoder(model=str(tmp_path), levels=2)
    assert loaded.preprocessing.mean == -3.0 and loaded.preprocessing.std == 4.5689974
    spectrogram = torch.randn(1, 36, 26)
    assert torch.equal(loaded(spectrogram).cls, tiny(spectrogram).cls)


def test_it_shrinks_without_weights_or_network(tmp_path):
    arguments = dict(model='MIT/ast-finetuned-audioset-10-10-0.4593', levels=6)
    with no_network():
        small = ASTEncoder(**ASTEncoder.shrink(arguments, tmp_path))
    assert (small.depth, small.num_levels, small.preprocessing.shape) == (12, 6, (26, 26))
    assert small.layout.patches == 4 and sum(p.numel() for p in small.parameters()) < 1_000_000


def test_the_published_model_has_its_published_size():
    with torch.device('meta'):
        real = ASTEncoder(model='MIT/ast-finetuned-audioset-10-10-0.4593', levels=6)
    assert sum(p.numel() for p in real.model.parameters()) == 86_187_264
    assert real.tokens == [1214] * 6 and real.preprocessing.shape == (1024, 128)
    assert isinstance(real.model.layernorm, nn.LayerNorm)


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        ({}, "needs model='MIT/ast-finetuned"),
        (dict(config=dict(model_type='whisper')), "is of type 'whisper'; ASTEncoder takes"),
        (dict(config=dict(hiden_size=3)), "has no 'hiden_size'"),
        (dict(config=AST, levels=4), 'has 3 levels; levels=4'),
        (dict(model='somewhere', config=AST), 'set pretrained=False'),
    ],
)
def test_mistakes_are_named(arguments, message):
    with pytest.raises(ConfigError, match=message):
        ASTEncoder(**arguments)


def test_a_spectrogram_of_another_size_is_refused():
    with pytest.raises(ConfigError, match=r'takes spectrograms \[B, 36, 26\], found \[1, 30, 26\]'):
        tiny_ast()(torch.zeros(1, 30, 26))
