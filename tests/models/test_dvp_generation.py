"""DVP generating answers, as on ScienceQA: the prompt token is seen, at every layer, in training as in decoding."""

from pathlib import Path

import pytest
import torch
from tiny import LAYERS, save_tiny_lm
from tiny_batches import STATISTICS, VIT, batch, only

from mmalm.datasets.media.blank import BLANK
from mmalm.models import AugmentedLM
from mmalm.registry import MODELS

PROMPT = {'type': 'CrossAttentionPrompt', 'query': 'mean', 'width': 16, 'heads': 2, 'dropout': 0.0, 'start': 'released'}


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_lm(tmp_path_factory.mktemp('lm'))


def build(folder: Path, layer: int, **changes) -> AugmentedLM:
    torch.manual_seed(0)
    return MODELS.build(
        {
            'type': 'AugmentedLM',
            'encoder': {
                'type': 'TransformersEncoder',
                'config': VIT,
                'levels': 1,
                'preprocessing': STATISTICS,
                'normed': False,
            },
            'connector': PROMPT,
            'language_model': {'type': 'CausalLM', 'model': str(folder)},
            'schedule': {'type': 'SingleLayer', 'layer': layer},
            'head': {
                'type': 'GenerationHead',
                'question_format': '{question}',
                'answer_format': '{answer}',
                'generate': {'max_new_tokens': 4},
            },
            **changes,
        },
        key='model',
    )


def test_the_prompt_learns_and_is_seen_at_every_layer(folder: Path) -> None:
    losses = []
    for layer in range(LAYERS):
        model = build(folder, layer)
        found = model.loss(batch())['loss']
        found.backward()
        # a bias of the keys moves all scores of a query alike
        learning = {name: p for name, p in model.connector.named_parameters() if not name.endswith('to_key.bias')}
        assert all(p.grad.abs().max() > 0 for p in learning.values()), layer
        others = batch()
        others['pixels'] = others['pixels'].flip(0)
        with torch.no_grad():
            assert abs(model.loss(others)['loss'] - found) > 1e-4, layer
        losses.append(round(found.item(), 4))
    assert len(set(losses)) == LAYERS


@pytest.mark.parametrize('layer', [0, 4])
def test_decoding_does_not_depend_on_cache_or_batch(folder: Path, layer: int) -> None:
    model = build(folder, layer).eval()
    together = model.predict(batch())
    for i, expected in enumerate(together):
        alone = model.predict(only(batch(), i))[0]
        assert alone['generated'] == expected['generated']
        assert alone['scores'] == pytest.approx(expected['scores'], abs=1e-4)
    model.head.generate = {'max_new_tokens': 4, 'use_cache': False}
    assert [p['generated'] for p in model.predict(batch())] == [p['generated'] for p in together]


def test_samples_without_a_picture_are_plain_text(folder: Path) -> None:
    mixed = {**batch(), 'media': ['a.png', BLANK, 'c.png']}
    shown, skipping = build(folder, 2), build(folder, 2, skip_blank=True)
    text_only = build(folder, 2, connector=None, schedule=None, trainable=['language_model.*'])
    expected = [text_only.predict(only(mixed, 1))[0] if i == 1 else shown.predict(only(mixed, i))[0] for i in range(3)]
    found = skipping.predict(mixed)
    assert skipping.shown({'media': ['1/image/(blank)', 'b.png']}).tolist() == [False, True]
    for one, other in zip(found, expected, strict=True):
        assert one['generated'] == other['generated']
        assert one['scores'] == pytest.approx(other['scores'], abs=1e-4)
    assert found[1]['scores'] != pytest.approx(shown.predict(mixed)[1]['scores'], abs=1e-3)
    skipping.loss(only(mixed, 1))['loss'].backward()
    assert all(p.grad.abs().max() == 0 for p in skipping.connector.parameters())
    skipping.loss(mixed)['loss'].backward()
    assert skipping.connector.places[0].leave.weight.grad.abs().max() > 0
