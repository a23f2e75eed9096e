"""What a prompt attends to, on DVP in miniature: the page's maps are the connector's own."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from page_reader import picture_of, read_page
from tiny_dvp import write_dvp

from mmalm.config import load_config
from mmalm.connectors import CrossAttentionPrompt
from mmalm.datasets.media.blank import BLANK
from mmalm.engine.checkpoint import save_checkpoint
from mmalm.engine.data import DataBuilder
from mmalm.engine.facade import Facade
from mmalm.engine.score import score_checkpoint
from mmalm.engine.train import build_model
from mmalm.engine.watching import check_watchable, watch
from mmalm.errors import ConfigError, MissingDataError
from mmalm.pages.drawings import seen_picture


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
        expected, _ = seen_picture('image', sample['pixels'], model.encoder.preprocessing)
        assert np.array_equal(np.asarray(attention.picture), np.asarray(expected))


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
    assert 'class="attention"' not in (tmp_path / 'without.html').read_text()
    cards = read_page((tmp_path / 'with.html').read_text()).find('article')
    assert len(cards) == len(loader.dataset)
    assert all(picture_of(card.find('img', 'attention')[0]).size == (256, 256) for card in cards)


def test_what_cannot_be_watched_is_refused(model, monkeypatch):
    check_watchable(model)
    for changed, said in (
        (dict(encoder=None), 'shows a model with one encoder'),
        (dict(connector=None), 'no connector'),
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
