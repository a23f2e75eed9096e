"""What a prompt attends to, on DVP in miniature: the page's maps are the connector's own."""

import contextlib
import json
from copy import deepcopy
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from page_reader import picture_of, read_page
from PIL import Image
from tiny import save_tiny_lm
from tiny_batches import STATISTICS
from tiny_dvp import write_dvp

from mmalm.config import load_config
from mmalm.connectors import CrossAttentionPrompt
from mmalm.datasets.media.blank import BLANK
from mmalm.engine.checkpoint import save_checkpoint
from mmalm.engine.data import DataBuilder
from mmalm.engine.facade import Facade
from mmalm.engine.score import score_checkpoint
from mmalm.engine.train import build_model
from mmalm.engine.watching import _attention, check_watchable, watch
from mmalm.errors import ConfigError, MissingDataError
from mmalm.pages.drawings import seen_picture
from mmalm.registry import TRANSFORMS

AUGMENTED = dict(type='ImageTransform', preprocessing={**STATISTICS, 'size': 16}, augment=dict())


@pytest.fixture(scope='module')
def config(tmp_path_factory):
    return load_config(write_dvp(tmp_path_factory.mktemp('dvp')))


@pytest.fixture(scope='module')
def model(config):
    return build_model(config, config.seed)


@pytest.fixture
def loader(config, model):
    return DataBuilder(model, None, 0).loader(config.test_dataloader, 'test_dataloader')


def test_maps_are_those_of_each_sample_alone(model, loader):
    found = watch(Facade(model, 'fp32'), loader, [0, 3, 4])
    assert list(found) == [0, 3, 4]
    layout = model.encoder.layout
    for place, attention in found.items():
        sample = loader.dataset[place]
        with torch.no_grad(), model.connector.watching() as maps:
            model.predict(loader.collate_fn([sample]))
        weights = maps[0][1].mean((0, 1, 2))
        assert attention.patches.shape == layout.grid
        assert attention.patches == pytest.approx(weights[layout.prefix :].reshape(layout.grid).numpy(), abs=1e-6)
        assert attention.elsewhere == pytest.approx(float(weights[: layout.prefix].sum()), abs=1e-6)
        assert attention.patches.sum() + attention.elsewhere == pytest.approx(1)
        assert np.array_equal(np.asarray(attention.picture), np.asarray(loader.dataset.load_media(sample['media'])))
        assert attention.region == (0, 0, 1, 1)


def test_where_the_grid_lies_on_the_card(config, model, loader):
    """Crops, and sizes that are no multiple of a patch: the encoder sees the middle, and whole patches of that."""
    encoder, dataset, weights = model.encoder, loader.dataset, torch.tensor([0.0, 0.0, 0.0, 0.0, 1.0])
    sample = dataset[0]
    media = SimpleNamespace(
        transform=dataset.transform, load_media=lambda key: Image.new('RGB', (300, 100), (100, 100, 100))
    )
    cropping = dict(type='ImageTransform', resize='crop', preprocessing={**STATISTICS, 'size': 19, 'crop_pct': 0.5})
    media.transform = TRANSFORMS.build(cropping)
    size = SimpleNamespace(layout=encoder.layout, patch_size=(8, 8), preprocessing=media.transform.preprocessing)
    found = _attention(size, media, sample, weights)
    assert found.picture.size == (256, 85)
    # 114 x 38 pixels, of which 19 x 19 from (48, 10) on are given (47.5 and 9.5 to the even side), and 16 x 16 are patches
    assert found.region == pytest.approx((48 / 114, 10 / 38, 64 / 114, 26 / 38))
    drawn = np.asarray(found.overlay(side=1140)).astype(int)
    rows, columns = (drawn[..., 1] == drawn[..., 1].max()).nonzero()
    assert (columns.min(), columns.max()) == (560, 639)
    scale = drawn.shape[0] / 38
    assert (rows.min(), rows.max() + 1) == (round(18 * scale), round(26 * scale))


def test_without_a_region_the_picture_is_what_the_encoder_is_given(model, loader):
    sample = loader.dataset[0]
    expected, _ = seen_picture('image', sample['pixels'], model.encoder.preprocessing)
    random = SimpleNamespace(transform=TRANSFORMS.build(AUGMENTED), load_media=loader.dataset.load_media)
    other = SimpleNamespace(transform=lambda picture: picture, load_media=loader.dataset.load_media)
    for dataset in (random, other, [sample]):
        found = _attention(model.encoder, dataset, sample, torch.full((5,), 0.2))
        assert np.array_equal(np.asarray(found.picture), np.asarray(expected)) and found.region == (0, 0, 1, 1)


def test_a_beam_search_has_maps_too(config, tmp_path):
    generating = deepcopy(config)
    generating.model.language_model = dict(type='CausalLM', model=str(save_tiny_lm(tmp_path)))
    generating.model.connector.query = 'eos'
    found = {}
    for beams in (1, 3):
        generating.model.head = dict(
            type='GenerationHead', rank=False, generate=dict(max_new_tokens=2, num_beams=beams)
        )
        model = build_model(generating, generating.seed)
        loader = DataBuilder(model, None, 0).loader(generating.test_dataloader, 'test_dataloader')
        found[beams] = watch(Facade(model, 'fp32'), loader, [0, 1, 2])
    assert list(found[3]) == [0, 1, 2]
    for place, attention in found[3].items():
        assert attention.patches == pytest.approx(found[1][place].patches, abs=1e-6)


def test_a_connector_that_notes_other_tokens_is_refused(model, loader, monkeypatch):
    @contextlib.contextmanager
    def watching():
        yield [(0, torch.full((3, 1, 1, 7), 1 / 7))]

    monkeypatch.setattr(model.connector, 'watching', watching)
    with pytest.raises(ConfigError, match=r'attends to 7 tokens, and the deepest level of TransformersEncoder has 5'):
        watch(Facade(model, 'fp32'), loader, [0, 1, 2])


def test_samples_without_a_prompt_or_a_picture_are_left_out(model, loader, monkeypatch):
    class Some:
        def __getitem__(self, place):
            if place == 1:
                raise MissingDataError('gone')
            return {**loader.dataset[place], **({'media': BLANK} if place == 2 else {})}

    monkeypatch.setattr(model, 'skip_blank', True)
    given = SimpleNamespace(dataset=Some(), collate_fn=loader.collate_fn, batch_sampler=loader.batch_sampler)
    assert list(watch(Facade(model, 'fp32'), given, [0, 1, 2, 3])) == [0, 3]


def test_the_page_of_a_checkpoint_shows_them(config, model, loader, tmp_path):
    save_checkpoint(tmp_path / 'checkpoint', model, config=config)
    for name, attention in (('with', True), ('without', False)):
        score_checkpoint(config, tmp_path / 'checkpoint', tmp_path / f'{name}.json', attention=attention)
    without = (tmp_path / 'without.html').read_text()
    assert 'id="attention"' not in without and not any(name in without for name in ('.attention', 'attended'))
    assert not (tmp_path / 'without_attention.json').exists()
    # the results are of cached features, which have no pictures: these are perceived for it
    assert config.feature_cache.enabled
    written = json.loads((tmp_path / 'with_attention.json').read_text())['samples']
    results = json.loads((tmp_path / 'with.json').read_text())['predictions']
    expected = watch(Facade(model, 'fp32'), loader, range(len(results)))
    assert [one['id'] for one in written] == [one['id'] for one in results]
    for one in written:
        assert np.array(one['patches']) == pytest.approx(expected[one['place']].patches, abs=1e-5)
    cards = read_page((tmp_path / 'with.html').read_text()).find('article')
    assert len(cards) == len(loader.dataset)
    assert all(picture_of(card.find('img', 'attention')[0]).size == (256, 256) for card in cards)


def test_what_cannot_be_watched_is_refused(model, monkeypatch):
    check_watchable(model)
    for changed, said in (
        (dict(encoder=None), 'shows a model with one encoder'),
        (dict(connector=None), 'no connector'),
        (dict(connector=torch.nn.Linear(2, 2)), 'Linear does not say what it attends to; CrossAttentionPrompt does'),
        (dict(encoder=SimpleNamespace(modality='audio', layout=model.encoder.layout)), 'perceives sounds'),
        (dict(encoder=SimpleNamespace(modality='image', layout=None)), 'make no grid'),
    ):
        other = SimpleNamespace(**{'encoder': model.encoder, 'connector': model.connector, **changed})
        with pytest.raises(ConfigError, match=said):
            check_watchable(other)


def test_watching_ends_with_its_context(model, loader):
    assert isinstance(model.connector, CrossAttentionPrompt)
    watch(Facade(model, 'fp32'), loader, [0])
    assert model.connector._maps is None
