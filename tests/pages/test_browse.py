"""The page of a data set, read as a browser would."""

import numpy as np
import pytest
import torch
from page_reader import picture_of, read_page
from PIL import Image
from stamps_fixture import write_stamps

from mmalm.datasets import StampsDataset
from mmalm.encoders.preprocessing import Preprocessing
from mmalm.errors import ConfigError
from mmalm.pages import browse_page

SIZE = Preprocessing(size=16, mean=(0.4, 0.5, 0.6), std=(0.2, 0.2, 0.3))


@pytest.fixture(scope='module')
def root(tmp_path_factory):
    return write_stamps(tmp_path_factory.mktemp('stamps'))


def stamps(root, split='train', tasks=('kind', 'yesno'), **arguments):
    return StampsDataset(split, tasks=tasks, root=str(root), preprocessing=SIZE, **arguments)


def cards(page):
    return page.find('article')


def test_counts_are_those_of_the_data(root):
    data = stamps(root)
    page = read_page(browse_page(data, 'title', 'train', count=5))
    tiles = [tile.find('b')[0].text for tile in page.find('div', 'tile')]
    assert tiles == [str(len(data)), str(len(data.media)), f'{len(data) / len(data.media):.2f}'.rstrip('0'), '2']
    kinds = [s['answer'] for s in data.samples if s['task'] == 'kind']
    row = page.find('tbody')[0].find('tr')[0]
    assert row.text.startswith(f'kind{len(kinds)}{len(kinds)}1{len(set(kinds))}closed, 11')
    bars = page.find('div', 'bars')[0]
    most = max(set(kinds), key=lambda kind: (kinds.count(kind), [-ord(c) for c in kind]))
    assert bars.find('span', 'name')[0].text == most
    assert bars.find('span', 'value')[0].text.split()[0] == str(kinds.count(most))
    assert len(cards(page)) == 5
    assert f'5 of {len(data)}, drawn at random (seed 0)' in page.find('section', 'gallery')[0].text


def test_a_card_shows_the_original_beside_what_the_encoder_sees(root):
    data = stamps(root, tasks=('kind',))
    page = read_page(browse_page(data, 'title', 'train', count=1000))
    assert [card.attributes['data-id'] for card in cards(page)] == [sample['id'] for sample in data.samples]
    for card, sample in zip(cards(page), data.samples, strict=True):
        assert card.find('p', 'question')[0].text == sample['question']
        assert card.find('dd')[0].text == sample['answer'] == card.attributes['data-answer']
        original, seen = card.find('img')
        assert picture_of(seen).size == (16, 16)
        expected = np.asarray(data.load_media(sample['media'])).mean((0, 1))
        for image in (original, seen):
            assert np.allclose(np.asarray(picture_of(image).convert('RGB')).mean((0, 1)), expected, atol=9)
    assert f'All {len(data)}' in page.text


def test_several_draws_of_an_augmented_picture(root):
    data = stamps(root, tasks=('kind',), transform=dict(type='ImageTransform', augment=dict(scale=(0.5, 0.6))))
    asked = []

    def draw(epoch, index):
        asked.append((epoch, index))
        return {'pixels': torch.full((3, 16, 16), float(epoch))}

    page = read_page(browse_page(data, 'title', 'train', count=2, draws=3, draw=draw))
    assert [len(card.find('img')) for card in cards(page)] == [4, 4]
    assert [epoch for epoch, _ in asked] == [0, 1, 2, 0, 1, 2]
    third = picture_of(cards(page)[0].find('img')[3]).convert('RGB').getpixel((0, 0))
    assert np.allclose(third, [255 * min(m + 2 * s, 1) for m, s in zip(SIZE.mean, SIZE.std, strict=True)], atol=5)
    assert "augment={'scale': (0.5, 0.6)}" in page.text and 'in 3 draws' in page.text


def test_the_draw_follows_the_seed(root):
    def shown(seed):
        return [
            card.attributes['data-id']
            for card in cards(read_page(browse_page(stamps(root), '', 'val', count=6, seed=seed)))
        ]

    assert shown(0) == shown(0) != shown(1)


def test_one_task_alone(root):
    page = read_page(browse_page(stamps(root), 'title', 'train', task='yesno'))
    assert {card.attributes['data-task'] for card in cards(page)} == {'yesno'}
    assert 'task yesno alone' in page.text and page.find('div', 'tile')[3].text.startswith('1')
    with pytest.raises(ConfigError, match="No task 'yesn' in this data set. Did you mean 'yesno'.* It has kind, yesno"):
        browse_page(stamps(root), 'title', 'train', task='yesn')


def test_the_test_split_is_marked(root):
    assert 'This is the test split.' in read_page(browse_page(stamps(root, 'test'), '', 'test')).text
    assert 'This is the test split.' not in read_page(browse_page(stamps(root, 'val'), '', 'val')).text


def test_what_users_wrote_is_text():
    class Attack:
        def __len__(self):
            return 1

        def __getitem__(self, index):
            text = '<script>alert(1)</script>'
            sample = {key: text for key in ('id', 'media', 'task', 'question', 'answer')}
            return {**sample, 'answers': [], 'pixels': self.transform(self.load_media(''))}

        def load_media(self, key):
            return Image.new('RGB', (4, 4))

        def transform(self, picture):
            return torch.zeros(3, 4, 4)

    data = Attack()
    data.transform.__func__.preprocessing = SIZE
    page = read_page(browse_page(data, '<b>', 'train'))
    assert len(page.find('script')) == 1 and page.find('h1')[0].text == '<b>'
    assert cards(page)[0].find('dd')[0].text == '<script>alert(1)</script>'


def test_a_data_set_that_shows_no_pictures():
    with pytest.raises(ConfigError, match='object has no load_media and no transform, so there is nothing to look at'):
        browse_page(object(), '', 'train')
