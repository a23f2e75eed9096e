"""From a config to the page of its data."""

import re

import pytest
from page_reader import read_page
from tiny_epalm import write_epalm

from mmalm.config import load_config
from mmalm.engine.browse import browse
from mmalm.errors import ConfigError

AUGMENT = {
    'train_dataloader.dataset.transform': dict(type='ImageTransform', augment=dict(randaugment=(2, 9))),
    'feature_cache.enabled': False,
}


@pytest.fixture(scope='module')
def config(tmp_path_factory):
    file = write_epalm(tmp_path_factory.mktemp('epalm'))
    (file.parent / 'lm' / 'model.safetensors').unlink()  # no weights are read
    return file


def pictures(page):
    return [[image.attributes['src'] for image in card.find('img')] for card in page.find('article')]


def test_a_page_of_the_training_split_unless_told(config, tmp_path, capsys):
    file = browse(load_config(config), tmp_path / 'new' / 'b.html', count=4)
    page = read_page(file.read_text())
    assert page.find('title')[0].text == 'epalm: train data' and len(page.find('article')) == 4
    assert capsys.readouterr().out == f'Page: {file}\n'
    assert [len(images) for images in pictures(page)] == [2] * 4
    assert re.search(r'encoder 16 × 16', page.text)


def test_augmented_pictures_are_those_training_sees(config, tmp_path):
    def shown(**arguments):
        file = browse(load_config(config, AUGMENT), tmp_path / 'b.html', count=3, **arguments)
        return pictures(read_page(file.read_text()))

    first = shown()
    assert [len(images) for images in first] == [4] * 3
    assert any(len(set(images[1:])) > 1 for images in first)
    # the draws of an epoch are the same every time, and fewer of them are the first ones
    assert shown(draws=2) == [images[:3] for images in first]
    assert shown(seed=5) != first


def test_the_test_split_has_to_be_named(config, tmp_path):
    text = browse(load_config(config), tmp_path / 'b.html', split='test').read_text()
    assert 'This is the test split.' in text
    disguised = {'train_dataloader.dataset.split': 'test'}
    with pytest.raises(ConfigError, match='only tools/test.py reads the test split'):
        browse(load_config(config, disguised), tmp_path / 'b.html')


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(split='tests'), "unknown split 'tests'. Did you mean 'test'"),
        (dict(count=0), 'count=0 must be 1 or more'),
        (dict(draws=2), 'this split is not augmented'),
        (dict(task='kinds'), "Did you mean 'kind'"),
    ],
)
def test_mistakes(config, tmp_path, arguments, message):
    with pytest.raises(ConfigError, match=message):
        browse(load_config(config), tmp_path / 'b.html', **arguments)
    assert list(tmp_path.iterdir()) == []


def test_a_split_without_a_loader(config, tmp_path):
    loaded = load_config(config)
    loaded.val_dataloader = None
    with pytest.raises(ConfigError, match='val_dataloader: is missing'):
        browse(loaded, tmp_path / 'b.html', split='val')
