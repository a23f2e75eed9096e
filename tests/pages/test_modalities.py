"""Pages of data sets of sounds, of videos, and of several modalities."""

import json

import pytest
from page_reader import read_page

from mmalm.datasets import JsonlDataset, MixedDataset
from mmalm.datasets.media.synthetic import ENDINGS, write_media
from mmalm.encoders.audio_preprocessing import AudioPreprocessing
from mmalm.encoders.preprocessing import Preprocessing
from mmalm.encoders.video_preprocessing import VideoPreprocessing
from mmalm.pages import browse_page, results_page

STATISTICS = dict(size=16, mean=(0.4, 0.5, 0.6), std=(0.2, 0.2, 0.3))
WANTED = {
    'image': Preprocessing(**STATISTICS),
    'video': VideoPreprocessing(**STATISTICS, frames=4),
    'audio': AudioPreprocessing('kaldi', 16_000, 16, 40),
}
TEXTS = ['A dog barks.', 'a barking dog']


def root_of(folder, modality):
    root, lines = folder / modality, []
    for number in range(2):
        media = f'{number}{ENDINGS[modality]}'
        write_media(root / media, modality, number)
        lines.append(json.dumps({'media': media, 'answers': TEXTS}))
    (root / 'train.jsonl').write_text('\n'.join(lines))
    return str(root)


def data_of(folder, modality):
    root = root_of(folder, modality)
    return JsonlDataset('train', root, modality=modality, preprocessing=WANTED[modality], answer='first')


@pytest.mark.parametrize(
    ('modality', 'tag', 'words'),
    [('audio', 'audio', '40 frames × 16 mel bins'), ('video', 'video', '4 frames, 16 × 16')],
)
def test_a_card_has_a_player_beside_what_the_encoder_sees(tmp_path, modality, tag, words):
    page = read_page(browse_page(data_of(tmp_path, modality), 'title', 'train'))
    for card in page.find('article'):
        (player,) = card.find(tag)
        assert player.attributes['src'].startswith(f'data:{modality}/') and 'controls' in player.attributes
        assert card.find('figcaption')[1].text == f'encoder {words}'
        assert [li.text for li in card.find('li')] == TEXTS
    tiles = [tile.find('span')[0].text for tile in page.find('div', 'tile')]
    assert tiles[1] == {'audio': 'sounds', 'video': 'videos'}[modality]


def test_a_mixture_shows_each_in_its_own_way(tmp_path):
    configs = [
        dict(type='JsonlDataset', root=root_of(tmp_path, modality), modality=modality, answer='first')
        for modality in ('image', 'audio')
    ]
    data = MixedDataset(configs, preprocessing_of=WANTED.__getitem__)
    page = read_page(browse_page(data, 'title', 'train'))
    assert len(page.find('article')) == 4 and len(page.find('audio')) == 2
    assert 'samples a file' in page.text


def test_results_with_references(tmp_path):
    data = data_of(tmp_path, 'audio')
    predictions = [
        {'id': key, 'media': key, 'task': 'caption', 'answer': TEXTS[0], 'references': TEXTS, 'generated': 'a dog'}
        | {'correct': {'generated': share}}
        for key, share in zip(data.media, (0.7, 0.2), strict=True)
    ]
    results = {
        'started': '',
        'split': 'test',
        'checkpoint': {'folder': 'x', 'epoch': 1, 'step': 1},
        'metrics': {'test': {'generated/cider': 2.5}},
        'seed': 0,
        'trained_with_seed': 0,
        'wall_seconds': 1.0,
        'predictions': predictions,
    }
    page = read_page(results_page(results, data))
    cards = page.find('article')
    assert [card.attributes['data-place'] for card in cards] == ['1', '0']  # the worse first
    assert [li.text for li in cards[0].find('li')] == TEXTS and cards[0].find('audio')
    assert page.find('section', 'gallery')[0].find('h2')[0].text == 'Sounds'
