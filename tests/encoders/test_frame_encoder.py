import pytest
import torch

from mmalm.encoders import FrameEncoder, TransformersEncoder
from mmalm.encoders.frame_encoder import frame_codes, moment_weights
from mmalm.errors import ConfigError

VIT = dict(
    model_type='dinov2_with_registers',
    hidden_size=16,
    num_hidden_layers=3,
    num_attention_heads=2,
    image_size=32,
    patch_size=8,
    num_register_tokens=2,
)
PICTURES = dict(type='TransformersEncoder', config=VIT, levels=2)
RESNET = dict(model_type='resnet', embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type='basic')


def build(frames=4, **arguments):
    torch.manual_seed(0)
    return FrameEncoder(PICTURES, frames=frames, **arguments)


def clips(frames=4, count=2):
    return torch.randn(count, frames, 3, 32, 32, generator=torch.Generator().manual_seed(1))


def alone(encoder, frames):
    """Each frame seen as a picture: cls ``[B, F, K, D]``, levels K x ``[B, F, N, D]``."""
    seen = [encoder.pictures(frames[:, t]) for t in range(frames.shape[1])]
    return torch.stack([s.cls for s in seen], 1), [
        torch.stack(level, 1) for level in zip(*(s.levels for s in seen), strict=True)
    ]


def test_one_moment_is_the_mean_of_single_pictures():
    encoder = build()
    seen = encoder(clips())
    cls, levels = alone(encoder, clips())
    assert torch.allclose(seen.cls, cls.mean(1), atol=1e-6)
    # CLS and registers of all frames, then the patches of all frames
    for level, expected in zip(seen.levels, levels, strict=True):
        assert torch.allclose(level[:, : 4 * 3], expected[:, :, :3].flatten(1, 2), atol=1e-6)
        assert torch.allclose(level[:, 4 * 3 :], expected[:, :, 3:].flatten(1, 2), atol=1e-6)


def test_a_connector_trained_on_pictures_fits_and_the_base_model_is_the_same():
    encoder = build()
    pictures = encoder.pictures
    assert encoder.widths == pictures.widths and encoder.base_model() == pictures.base_model()
    still = clips()[:, :1].expand(-1, 4, -1, -1, -1)
    assert torch.allclose(encoder(still).cls, pictures(still[:, 0]).cls, atol=1e-6)


def test_moments_are_levels_the_mean_last():
    encoder = build(moments=3)
    seen = encoder(clips()).cls
    cls, _ = alone(encoder, clips())
    weights = moment_weights(4, 3)
    assert seen.shape == (2, 2 * 3, 16) and encoder.num_levels == 6 and encoder.widths == [16] * 6
    for level in range(2):
        for moment in range(3):
            expected = (weights[moment][:, None] * cls[:, :, level]).mean(1)
            assert torch.allclose(seen[:, 3 * level + 2 - moment], expected, atol=1e-6)


def test_weights_of_moments():
    weights = moment_weights(5, 5)
    assert torch.equal(weights[0], torch.ones(5))
    assert torch.allclose(weights @ weights.T / 5, torch.eye(5), atol=1e-6)
    assert torch.allclose(weights[1].flip(0), -weights[1], atol=1e-6)


def test_the_order_of_frames_is_seen_from_two_moments_on_and_in_the_tokens():
    backwards = clips().flip(1)
    blind = build()
    assert torch.allclose(blind(clips()).cls, blind(backwards).cls, atol=1e-6)
    encoder = build(moments=2, positions=1.0)
    forth, back = encoder(clips()), encoder(backwards)
    # the first moment of a clip played backwards is the opposite, the mean stays
    assert torch.allclose(forth.cls[:, 0::2], -back.cls[:, 0::2], atol=1e-6)
    assert torch.allclose(forth.cls[:, 1::2], back.cls[:, 1::2], atol=1e-6)
    assert forth.cls[:, 0::2].abs().max() > 0.01
    # as a set, tokens would be the same without a code of the frame
    order = torch.tensor([3, 2, 1, 0])
    swapped = forth.levels[-1][:, 12:].unflatten(1, (4, 16))[:, order].flatten(1, 2)
    assert not torch.allclose(swapped, back.levels[-1][:, 12:], atol=1e-2)
    bare = build()
    swapped = bare(clips()).levels[-1][:, 12:].unflatten(1, (4, 16))[:, order].flatten(1, 2)
    assert torch.allclose(swapped, bare(backwards).levels[-1][:, 12:], atol=1e-6)


def test_codes_of_frames():
    codes = frame_codes(3, 5)
    assert codes.shape == (3, 5) and torch.allclose(codes[0], torch.tensor([0.0, 1, 0, 1, 0]))
    assert torch.allclose(codes[2, :2], torch.tensor([0.9092974, -0.4161468]))


def test_facts_of_an_encoder():
    encoder = build(moments=2)
    assert (encoder.modality, encoder.takes, encoder.depth) == ('video', 'frames', 6)
    assert encoder.tokens == [4 * 19] * 4
    assert (encoder.layout.count, encoder.layout.prefix, encoder.layout.grid) == (76, 12, None)
    assert encoder.blank(2, 'cpu').shape == (2, 4, 3, 32, 32)
    assert encoder.preprocessing.frames == 4 and encoder.preprocessing.size == (32, 32)
    assert not encoder.train().training


def test_a_clip_stands_alone():
    encoder = build(moments=2, positions=1.0)
    together = encoder(clips(count=3))
    for i in range(3):
        single = encoder(clips(count=3)[i : i + 1])
        assert torch.allclose(single.cls[0], together.cls[i], atol=1e-5)
        assert torch.allclose(single.levels[0][0], together.levels[0][i], atol=1e-5)


def test_levels_that_differ_in_width_are_a_list():
    torch.manual_seed(0)
    pictures = dict(type='TransformersEncoder', config=RESNET, levels=2, pooling='mean', image_size=32)
    encoder = FrameEncoder(pictures, frames=2, moments=2)
    seen = encoder(clips(2))
    assert encoder.widths == [8, 8, 16, 16] == [level.shape[-1] for level in seen.cls]
    assert [level.shape[1] for level in seen.levels] == encoder.tokens


def test_features_of_different_kinds_are_told_apart():
    names = {build(**a).pooling for a in ({}, dict(moments=2), dict(positions=1.0), dict(frames=5))}
    assert len(names) == 4


def test_on_the_meta_device_and_in_miniature():
    with torch.device('meta'):
        encoder = FrameEncoder(dict(type='TransformersEncoder', model='facebook/dinov2-small', levels=6), moments=2)
    assert (
        encoder.widths == [384] * 12 and encoder.layout.count == encoder.tokens[-1] == 8 * encoder.pictures.tokens[-1]
    )
    assert FrameEncoder.shrink(dict(encoder=PICTURES), None)['frames'] == 2
    assert FrameEncoder.shrink(dict(encoder=PICTURES, frames=8, moments=4), None)['frames'] == 4
    assert FrameEncoder.shrink(dict(encoder=PICTURES, frames=1, moments=1), None)['frames'] == 1


def test_bad_requests_are_refused():
    with pytest.raises(ConfigError, match='4 frames have from 1 to 4 moments, found moments=5'):
        build(moments=5)
    with pytest.raises(ConfigError, match='is an encoder of video; one of pictures is wanted'):
        FrameEncoder(dict(type='FrameEncoder', encoder=PICTURES))
    with pytest.raises(ConfigError, match=r'takes clips \[B, 4, 3, H, W\]'):
        build()(torch.zeros(2, 3, 32, 32))
    assert isinstance(build().pictures, TransformersEncoder)
