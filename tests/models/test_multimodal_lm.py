"""Several modalities in one model: each as by itself, mixed batches as their groups together."""

from pathlib import Path

import pytest
import torch
from tiny import save_tiny_lm
from tiny_batches import STATISTICS, VIT, batch, only

from mmalm.datasets.collate import collate
from mmalm.engine.checkpoint import save_checkpoint
from mmalm.engine.starting import start_from
from mmalm.errors import ConfigError
from mmalm.models import AugmentedLM, MultimodalLM
from mmalm.registry import MODELS

PARTS = {
    'image': {
        'encoder': {'type': 'TransformersEncoder', 'config': VIT, 'levels': 3, 'preprocessing': STATISTICS},
        'connector': {'type': 'LinearConnector'},
        'schedule': {'type': 'LayerwiseReplace', 'start': 2},
        'soft_prompt': {'type': 'SoftPrompt', 'length': 2},
    },
    'audio': {
        'encoder': {'type': 'TinyEar', 'config': VIT, 'levels': 2, 'preprocessing': STATISTICS},
        'connector': {'type': 'LinearConnector', 'shared': True},
        'schedule': {'type': 'SingleLayer', 'layer': 1},
    },
}

# each modality's batch here has the other one's input as well
UNUSED = {'image': 'spectrogram', 'audio': 'pixels'}


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_tiny_lm(tmp_path_factory.mktemp('lm')))


def shared(folder: str) -> dict:
    return {
        'language_model': {'type': 'CausalLM', 'model': folder},
        'head': {'type': 'GenerationHead', 'generate': {'max_new_tokens': 3}},
    }


def build(folder: str, **changes) -> MultimodalLM:
    torch.manual_seed(0)
    return MODELS.build({'type': 'MultimodalLM', 'adaptations': PARTS, **shared(folder), **changes}, key='model')


def alone(folder: str, modality: str, model: MultimodalLM) -> AugmentedLM:
    """The single-modality model with the same weights."""
    single = MODELS.build({'type': 'AugmentedLM', **PARTS[modality], **shared(folder)}, key='model')
    single.load_state_dict(model.adaptations[modality].state_dict(), strict=False)
    return single


def heard() -> dict:
    asked = batch()
    return {**asked, 'id': ['a', 'b', 'c'], 'spectrogram': asked.pop('pixels').flip(0) / 2} | {
        'question': ['is it ?'] * 3
    }


def samples(values: dict, modality: str) -> list[dict]:
    return [{'modality': modality, **{name: value[0] for name, value in only(values, i).items()}} for i in range(3)]


def mixed() -> dict:
    seen, listened = samples(batch(), 'image'), samples({k: v for k, v in heard().items() if k != 'pixels'}, 'audio')
    return collate([listened[0], seen[0], seen[1], listened[1], listened[2], seen[2]])


def test_names_and_what_trains(folder: str) -> None:
    model = build(folder)
    trained = {name.rsplit('.', 2)[0] for name, p in model.named_parameters() if p.requires_grad}
    assert trained == {
        *(f'adaptations.image.connector.projections.{j}'.rsplit('.', 1)[0] for j in range(3)),
        'adaptations.audio.connector.projections',
        'adaptations.image.soft_prompt',
    }
    assert set(model.base_models()) == {'language_model', 'adaptations.image.encoder', 'adaptations.audio.encoder'}
    assert model.trainable_table.trainable == 3 * (16 * 32 + 32) + 2 * 32 + (16 * 32 + 32)


LORA = {'image': {'targets': ['*.q_proj'], 'dropout': 0.5}, 'audio': {'targets': ['*.[qv]_proj']}}


def updated() -> dict:
    """Adaptations with low-rank updates, on the same maps among others."""
    return {name: {**part, 'lora': {'type': 'LoRA', 'rank': 2, **LORA[name]}} for name, part in PARTS.items()}


@pytest.mark.parametrize('modality', PARTS)
def test_each_modality_has_its_own_low_rank_updates(folder: str, modality: str, tmp_path: Path) -> None:
    model = build(folder, adaptations=updated())
    ids = torch.tensor([[3, 5, 4]])
    plain = model.language_model(ids)
    other = ({*PARTS} - {modality}).pop()
    untouched = {k: v for k, v in (batch() if other == 'image' else heard()).items() if k != UNUSED[other]}
    before = model.eval().loss(untouched)['loss']
    assert f'language_model.*.lora_*.{modality}.*' in [row.pattern for row in model.trainable_table.rows]
    single = MODELS.build({'type': 'AugmentedLM', **updated()[modality], **shared(folder)}, key='model')
    single.encoder = model.adaptations[modality].encoder
    for number, parameter in enumerate(single.parameters()):
        if parameter.requires_grad:
            torch.manual_seed(number)
            torch.nn.init.normal_(parameter, std=0.5)
    save_checkpoint(tmp_path / 'single', single, epoch=1, step=1, metrics={}, config={})
    start_from({modality: tmp_path / 'single'}, model)
    values = {k: v for k, v in (batch() if modality == 'image' else heard()).items() if k != UNUSED[modality]}
    single.eval(), model.eval()
    assert torch.equal(model.loss(values)['loss'], single.loss(values)['loss'])
    assert model.predict(values) == single.predict(values)
    # the other modality's updates are as they were, and so is the language model by itself
    assert torch.equal(model.loss(untouched)['loss'], before)
    assert torch.equal(model.language_model(ids), plain)
    model.train().loss(values)['loss'].backward()
    grown = {name for name, p in model.named_parameters() if '.lora_' in name and p.grad is not None}
    assert grown and all(f'.{modality}.' in name for name in grown)
    awake = {
        name.rpartition('lora_dropout.')[2]
        for name, m in model.named_modules()
        if 'lora_dropout.' in name and m.training
    }
    assert awake == {'image'}


@pytest.mark.parametrize(('modality', 'asked'), [('image', batch), ('audio', heard)])
def test_each_modality_is_the_single_model_with_the_same_weights(folder: str, modality: str, asked) -> None:
    model = build(folder)
    single = alone(folder, modality, model)
    values = {k: v for k, v in asked().items() if k != ('pixels' if modality == 'audio' else 'spectrogram')}
    for tried in (model, single):
        tried.loss(values)['loss'].backward()
    assert torch.equal(model.loss(values)['loss'], single.loss(values)['loss'])
    assert model.predict(values) == single.predict(values)
    others = [
        p for name, p in model.named_parameters() if p.requires_grad and not name.startswith(f'adaptations.{modality}')
    ]
    assert others and all(p.grad is None for p in others)
    for name, parameter in single.named_parameters():
        if parameter.requires_grad:
            assert torch.equal(parameter.grad, model.get_parameter(f'adaptations.{modality}.{name}').grad), name


def test_a_mixed_batch_is_the_mean_over_all_and_keeps_its_order(folder: str) -> None:
    model, values = build(folder), mixed()
    assert values['modality'] == ['audio', 'image', 'image', 'audio', 'audio', 'image']
    parts = [model.loss(part) for part in values['parts'].values()]
    found = model.loss(values)
    weights = [int(part['weight']) for part in parts]
    assert int(found['weight']) == sum(weights) == 14
    expected = sum(p['loss'] * w for p, w in zip(parts, weights, strict=True)) / sum(weights)
    torch.testing.assert_close(found['loss'], expected)
    found['loss'].backward()
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in model.parameters() if p.requires_grad)
    predictions = model.predict(values)
    assert [p['id'] for p in predictions] == ['a', '0', '1', 'b', 'c', '2']
    assert [p['modality'] for p in predictions] == values['modality']
    single = {p['id']: p for part in values['parts'].values() for p in model.predict(part)}
    assert predictions == [single[p['id']] for p in predictions]


def test_a_batch_of_sample_means_counts_samples(folder: str) -> None:
    model = build(folder, head={'type': 'GenerationHead', 'reduction': 'sample_sum'})
    asked = mixed()
    each = [model.loss(part)['loss'] for part in asked['parts'].values()]
    torch.testing.assert_close(model.loss(asked)['loss'], (each[0] + each[1]) / 2)


def test_unknown_and_unstated_modalities_are_errors(folder: str) -> None:
    model = build(folder)
    film = {k: v for k, v in batch().items() if k != 'pixels'} | {'frames': torch.zeros(3, 2, 3, 32, 32)}
    with pytest.raises(ConfigError, match="no adaptation to 'video'.*It has: image, audio"):
        model.loss(film)
    with pytest.raises(ConfigError, match='give every sample a "modality", one of image, audio'):
        model.loss({k: v for k, v in film.items() if k != 'frames'} | {'features': torch.zeros(3, 3, 16)})
    with pytest.raises(ConfigError, match='A batch of image and audio needs "parts"'):
        model.loss({**batch(), 'modality': ['image', 'audio', 'image']})


@pytest.mark.parametrize(
    ('adaptations', 'message'),
    [
        ({}, 'adaptations must be a dict'),
        ({'images': PARTS['image']}, "(?s)there is no modality 'images'.*'image'.*"),
        ({'audio': PARTS['image']}, 'perceives image: name the adaptation so'),
        ({'image': {**PARTS['image'], 'conector': {}}}, "unexpected keyword argument 'conector'.*takes encoder"),
    ],
)
def test_wrong_adaptations_are_named(folder: str, adaptations: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build(folder, adaptations=adaptations)


def test_builds_on_the_meta_device(folder: str) -> None:
    with torch.device('meta'):
        model = build(folder)
    assert all(p.is_meta for p in model.parameters())


def test_one_modality_alone_is_made_of_the_same_parts(folder: str) -> None:
    model = build(folder)
    single = model.alone('image')
    assert single.predict(batch()) == model.predict(batch())
    single.loss(batch())['loss'].backward()
    assert model.adaptations['image'].soft_prompt.embedding.weight.grad is not None
    assert [name for name, _ in model.adaptations['image'].named_children()] == [
        'encoder',
        'connector',
        'soft_prompt',
        'adapters',
    ]
