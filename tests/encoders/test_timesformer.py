import pytest
import torch

from mmalm.encoders import TimesformerEncoder
from mmalm.errors import ConfigError

TINY = dict(
    hidden_size=16,
    num_hidden_layers=4,
    num_attention_heads=2,
    intermediate_size=32,
    image_size=32,
    patch_size=8,
    num_frames=4,
)


def build(levels=3, **arguments):
    torch.manual_seed(0)
    encoder = TimesformerEncoder(config=TINY, levels=levels, **arguments)
    with torch.no_grad():  # positions and norms start as zeros and ones, which would hide a mistake
        for parameter in encoder.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return encoder


def clips(frames=4, size=32, count=2):
    return torch.randn(count, frames, 3, size, size, generator=torch.Generator().manual_seed(1))


def test_every_level_is_the_block_output_through_the_final_norm():
    encoder = build()
    outputs = []
    for block in encoder.model.encoder.layer:
        block.register_forward_hook(lambda m, a, out: outputs.append(out[0]))
    perception = encoder(clips())
    last = encoder.model(pixel_values=clips()).last_hidden_state
    assert len(perception.levels) == 3 and perception.levels[-1].shape == (2, 1 + 16 * 4, 16)
    assert torch.equal(perception.levels[-1], last)
    for level, raw in zip(perception.levels, outputs[1:4], strict=True):
        assert torch.equal(level, encoder.model.layernorm(raw))
    assert torch.equal(perception.cls, torch.stack([level[:, 0] for level in perception.levels], 1))


def test_facts_of_an_encoder():
    encoder = build(levels=2)
    assert (encoder.modality, encoder.takes, encoder.depth) == ('video', 'frames', 4)
    assert encoder.widths == [16, 16] and encoder.tokens == [65, 65]
    assert (encoder.layout.count, encoder.layout.prefix, encoder.layout.grid) == (65, 1, None)
    assert encoder.blank(3, 'cpu').shape == (3, 4, 3, 32, 32)
    assert not any(p.requires_grad for p in encoder.parameters()) and not encoder.train().model.training


def test_a_clip_stands_alone():
    encoder = build()
    together = encoder(clips(count=3))
    for i in range(3):
        assert torch.allclose(encoder(clips(count=3)[i : i + 1]).cls[0], together.cls[i], atol=1e-5)


def test_the_order_of_frames_is_seen():
    encoder = build()
    assert not torch.allclose(encoder(clips()).cls, encoder(clips().flip(1)).cls, atol=1e-3)


def by_hand(encoder, frames):
    """Divided space-time attention written out: every patch over the frames, then every frame over its patches."""
    model, heads = encoder.model, 2
    batch, count = frames.shape[:2]
    tokens = model.embeddings.patch_embeddings.projection(frames.flatten(0, 1)).flatten(2).transpose(1, 2)
    places = tokens.shape[1]
    position = model.embeddings.position_embeddings[0]
    grid = position[1:].T.reshape(1, 16, 4, 4)
    side = int(places**0.5)
    place = torch.nn.functional.interpolate(grid, (side, side), mode='nearest').flatten(2)[0].T
    own = model.embeddings.time_embeddings[0]
    time = own[[i * len(own) // count for i in range(count)]]
    x = tokens.unflatten(0, (batch, count)) + place + time[:, None]
    cls = (model.embeddings.cls_token[0, 0] + position[0]).expand(batch, -1)

    def attend(attention, states):
        q, k, v = attention.attention.qkv(states).unflatten(-1, (3, heads, -1)).permute(2, 0, 3, 1, 4)
        found = torch.nn.functional.scaled_dot_product_attention(q, k, v)
        return attention.output.dense(found.transpose(1, 2).flatten(2))

    for layer in model.encoder.layer:
        over_time = x.transpose(1, 2).flatten(0, 1)
        moved = attend(layer.temporal_attention, layer.temporal_layernorm(over_time))
        x = x + layer.temporal_dense(moved).unflatten(0, (batch, places)).transpose(1, 2)
        space = torch.cat([cls[:, None, None].expand(-1, count, -1, -1), x], 2).flatten(0, 1)
        space = attend(layer.attention, layer.layernorm_before(space)).unflatten(0, (batch, count))
        cls, x = cls + space[:, :, 0].mean(1), x + space[:, :, 1:]
        cls, x = (s + layer.output.dense(layer.intermediate(layer.layernorm_after(s))) for s in (cls, x))
    return model.layernorm(cls), model.layernorm(x)


@pytest.mark.parametrize(('frames', 'size'), [(4, 32), (2, 32), (8, 32), (3, 32), (4, 16), (6, 64)])
def test_other_numbers_of_frames_and_sizes_are_laid_out_rightly(frames, size):
    encoder = build(frames=frames, image_size=size)
    seen = encoder(clips(frames, size))
    cls, patches = by_hand(encoder, clips(frames, size))
    assert encoder.tokens[0] == 1 + frames * (size // 8) ** 2
    assert torch.allclose(seen.cls[:, -1], cls, atol=1e-5)
    # patch by patch, each of all frames
    assert torch.allclose(seen.levels[-1][:, 1:], patches.transpose(1, 2).flatten(1, 2), atol=1e-5)


def test_on_the_meta_device_by_name():
    with torch.device('meta'):
        encoder = TimesformerEncoder('facebook/timesformer-base-finetuned-k600', frames=16)
    assert sum(p.numel() for p in encoder.parameters()) == 121_258_752
    assert encoder.tokens == [1 + 14 * 14 * 16] * 6
    assert encoder.preprocessing.mean == (0.45,) * 3 and encoder.preprocessing.frames == 16
    small = TimesformerEncoder(**TimesformerEncoder.shrink(dict(model=encoder.name, frames=16), None))
    assert small.depth == encoder.depth and small.widths == [64] * 6 and small.preprocessing.frames == 2
    assert [n for n, _ in small.named_parameters()] == [n for n, _ in encoder.named_parameters()]


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(), 'needs model='),
        (dict(config=dict(model_type='vit', **TINY)), "is of type 'vit', not a TimeSformer|has no 'num_frames'"),
        (dict(config=TINY, image_size=8), 'square pictures of two patches a side or more'),
        (dict(config=TINY, preprocessing=dict(size=(32, 16))), 'found 32 x 16'),
        (dict(config=TINY, levels=5), 'has 4 levels; levels=5 asks for more'),
        (dict(model='facebook/timesformer-base-finetuned-k400', config=dict(num_frames=2)), 'set pretrained=False'),
    ],
)
def test_bad_requests_are_refused(arguments, message):
    with pytest.raises(ConfigError, match=message):
        TimesformerEncoder(**arguments)


def test_another_number_of_frames_than_it_was_built_for_is_refused():
    with pytest.raises(ConfigError, match=r'takes clips \[B, 4, 3, H, W\], found \[2, 3, 3, 32, 32\]'):
        build()(clips(3))
