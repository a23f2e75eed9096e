import io
from unittest.mock import patch

import numpy as np
import pytest
import torch
from PIL import Image
from stamps_fixture import FOLDERS, SVG, write_stamp, write_stamps
from tiny_pictures import tiny_encoder

from mmalm.datasets import CachedFeatures, FeatureCache, StampsDataset, collate
from mmalm.datasets.stamps_pictures import on_white_square
from mmalm.errors import ConfigError, MissingDataError
from mmalm.registry import DATASETS

SPLITS = ('train', 'val', 'test')
ALL_TASKS = ('kind', 'animal', 'name', 'yesno', 'caption')
KINDS = ('animal', 'building', 'clothes', 'food', 'holiday decoration', 'household item', 'person', 'plant')
KINDS += ('sign', 'space object', 'vehicle')
ANIMALS = ('amphibian', 'bird', 'fish', 'insect', 'mammal', 'reptile', 'shellfish')
PREPROCESSING = dict(size=(8, 8), mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))


@pytest.fixture
def root(tmp_path):
    return write_stamps(tmp_path / 'stamps')


def stamps(root, split='train', **arguments):
    return StampsDataset(split, root=str(root), preprocessing=PREPROCESSING, **arguments)


class TestSamples:
    def test_a_sample(self, root):
        sample = next(s for s in stamps(root) if s['media'].startswith('food/'))
        assert sample['id'] == f'kind/{sample["media"]}'
        assert (sample['task'], sample['question']) == ('kind', 'What kind of thing is this?')
        assert sample['answer'] == 'food' and len(sample['answers']) == 11
        # 6 high and 4 wide, so white to its left
        assert sample['pixels'].shape == (3, 8, 8)
        assert torch.equal(sample['pixels'][:, :, 0], torch.ones(3, 8))

    def test_every_usable_picture_is_in_one_split(self, root):
        media = [key for split in SPLITS for key in stamps(root, split, tasks=['caption']).media]
        assert len(media) == len(set(media)) == sum(FOLDERS.values())
        assert not [key for key in media if 'symbols' in key or 'mirror' in key]

    def test_closed_sets_are_the_same_whatever_a_split_holds(self, root):
        closed = {'kind': KINDS, 'animal': ANIMALS, 'yesno': ('no', 'yes')}
        for task, answers in closed.items():
            sets = {tuple(s['answers']) for split in SPLITS for s in stamps(root, split, tasks=[task]).samples}
            assert sets == {answers}
        assert {tuple(s['answers']) for s in stamps(root, tasks=['caption', 'name']).samples} == {()}

    def test_tasks_keep_to_their_pictures(self, root):
        ids = [s['id'] for split in SPLITS for s in stamps(root, split, tasks=ALL_TASKS).samples]
        assert len(ids) == len(set(ids))
        asked = [i.split('/')[:2] for i in ids]
        assert {folder for task, folder in asked if task == 'animal'} == {'animals'}
        assert {folder for task, folder in asked if task == 'kind'} == {'animals', 'clothes', 'food', 'vehicles'}

    def test_the_split_does_not_depend_on_tasks(self, root):
        assert set(stamps(root, tasks=['animal']).media) <= set(stamps(root, tasks=['kind']).media)

    def test_questions_do_not_depend_on_what_else_is_asked(self, root):
        for split in SPLITS:
            together = stamps(root, split, tasks=ALL_TASKS).samples
            for task in ALL_TASKS:
                assert stamps(root, split, tasks=[task]).samples == [s for s in together if s['task'] == task]

    def test_as_many_yes_as_no_in_every_split(self, root):
        for split in SPLITS:
            answers = [s['answer'] for s in stamps(root, split, tasks=['yesno']).samples]
            assert answers.count('yes') == answers.count('no') > 0

    def test_a_smaller_limit_keeps_some_of_a_larger_ones(self, root):
        five, nine = (stamps(root, tasks=['caption'], limit=limit).media for limit in (5, 9))
        assert (len(five), len(nine)) == (5, 9) and set(five) < set(nine)

    def test_from_a_config(self, root):
        node = dict(type='StampsDataset', split='val', root=str(root))
        dataset = DATASETS.build(node, key='dataset', preprocessing=PREPROCESSING)
        assert collate([dataset[0], dataset[1]])['pixels'].shape == (2, 3, 8, 8)


class TestPictures:
    def test_alpha_is_composited_on_white(self):
        # opaque, half, invisible, a fifth: each channel is colour * alpha + 255 * (1 - alpha)
        pixels = [[(10, 20, 30, 255), (0, 100, 200, 128)], [(7, 7, 7, 0), (255, 0, 5, 51)]]
        found = np.asarray(on_white_square(Image.fromarray(np.array(pixels, dtype=np.uint8))))
        expected = [[(10, 20, 30), (127, 177.19, 227.39)], [(255, 255, 255), (255, 204, 205)]]
        np.testing.assert_allclose(found, expected, atol=0.51)

    def test_the_square_is_as_wide_as_the_longer_side(self):
        found = np.asarray(on_white_square(Image.new('RGBA', (1, 3), (0, 0, 0, 255))))
        assert found.shape == (3, 3, 3)
        assert found[:, :, 0].tolist() == [[255, 0, 255]] * 3

    @pytest.mark.parametrize('mode', ['LA', 'P', 'L', 'RGB'])
    def test_other_modes(self, root, mode):
        path = write_stamp(root, 'food/other', 'A pear.', (0, 0, 0, 255))
        Image.new('RGBA', (4, 4), (90, 90, 90, 255)).convert(mode).save(path)
        picture = stamps(root).load_media('food/other.png')
        assert picture.mode == 'RGB' and picture.getpixel((1, 1)) == (90, 90, 90)

    def test_svg_is_drawn(self, root):
        pytest.importorskip('resvg_py')
        (root / 'food/drawn.svg').write_text(SVG)
        (root / 'food/drawn.txt').write_text('A drawn thing.\n')
        picture = stamps(root).load_media('food/drawn.svg')
        assert picture.size == (448, 448)
        # the left half of the drawing is red, the right half and what is above and below is white
        assert [picture.getpixel(at) for at in ((100, 224), (300, 224), (100, 50))] == [
            (255, 0, 0),
            (255, 255, 255),
            (255, 255, 255),
        ]

    def test_nothing_is_read_before_it_is_asked_for(self, root):
        for path in root.rglob('*.png'):
            path.write_bytes(b'')
        assert len(stamps(root, tasks=ALL_TASKS)) > 0

    def test_features_are_cached_under_the_same_keys(self, root, tmp_path):
        encoder = tiny_encoder()
        dataset = StampsDataset('val', root=str(root), preprocessing=encoder.preprocessing)
        cache = FeatureCache(folder=tmp_path / 'cache', encoder=encoder, transform=dataset.transform)
        cache.fill(dataset)
        expected = encoder(dataset[0]['pixels'][None]).cls[0]
        cached = CachedFeatures(dataset, cache)
        with patch('mmalm.datasets.stamps.read_stamp', side_effect=AssertionError('a picture was decoded')):
            torch.testing.assert_close(cached[0]['features'], expected)
            assert len([sample['features'] for sample in cached]) == len(dataset)


class TestExchangedPictures:
    def test_no_picture_stays_and_none_is_lost(self, root):
        plain, exchanged = stamps(root), stamps(root, shuffle_media=3)
        shown = [sample['media'] for sample in exchanged]
        own = [sample['media'] for sample in plain]
        assert not [pair for pair in zip(own, shown, strict=True) if pair[0] == pair[1]]
        assert sorted(shown) == sorted(own)
        assert [s['answer'] for s in exchanged] == [s['answer'] for s in plain]

    def test_only_the_pictures_change(self, root):
        plain, exchanged = (stamps(root, tasks=ALL_TASKS, limit=9, shuffle_media=seed) for seed in (None, 3))
        assert sorted(exchanged.media) == sorted(plain.media)
        for one, other in zip(plain, exchanged, strict=True):
            assert other['media'] in plain.media and other['media'] != one['media']
            assert torch.equal(other['pixels'], next(s['pixels'] for s in plain if s['media'] == other['media']))
            kept = ('id', 'task', 'question', 'answer', 'answers')
            assert [one[name] for name in kept] == [other[name] for name in kept]

    def test_questions_of_one_picture_get_the_same_other_one(self, root):
        shown = {}
        for sample in stamps(root, tasks=['kind', 'caption'], shuffle_media=0):
            shown.setdefault(sample['id'].split('/', 1)[1], set()).add(sample['media'])
        assert {len(media) for media in shown.values()} == {1}

    def test_the_seed_decides(self, root):
        first, again, other = ([s['media'] for s in stamps(root, shuffle_media=seed)] for seed in (1, 1, 2))
        assert first == again != other

    def test_one_picture_cannot_be_exchanged(self, root):
        with pytest.raises(ConfigError, match='two pictures or more to exchange; found 1'):
            stamps(root, tasks=['caption'], limit=1, shuffle_media=0)


class TestMistakes:
    @pytest.mark.parametrize(
        ('arguments', 'message'),
        [
            (dict(split='tran'), "unknown split 'tran'. Did you mean 'train'"),
            (dict(tasks=['kinds']), "unknown task 'kinds'. Did you mean 'kind'"),
            (dict(tasks='kind'), "tasks is a list of kind, animal, .*found 'kind'"),
            (dict(tasks=[]), 'tasks is a list'),
            (dict(tasks=3), 'tasks is a list'),
            (dict(limit=0), '1 or more; found 0'),
            (dict(limit='9'), "1 or more; found '9'"),
            (dict(limit=0.5), '1 or more; found 0.5'),
            (dict(root='zoo:tuxpaint-stamp'), "Did you mean 'tuxpaint-stamps'"),
        ],
    )
    def test_arguments(self, root, arguments, message):
        with pytest.raises(ConfigError, match=message):
            StampsDataset(**{'split': 'train', 'root': str(root), **arguments})

    def test_the_folder_above(self, root):
        with pytest.raises(ConfigError, match=f"is not the stamps folder.*Did you mean '{root}'"):
            stamps(root.parent)

    def test_another_folder(self, tmp_path):
        (tmp_path / 'coco').mkdir()
        with pytest.raises(ConfigError, match='is not the stamps folder.*Found coco'):
            stamps(tmp_path)

    def test_a_folder_without_pictures(self, tmp_path):
        (tmp_path / 'animals').mkdir()
        with pytest.raises(ConfigError, match='holds no captioned pictures'):
            stamps(tmp_path)

    def test_no_folder(self, tmp_path):
        with pytest.raises(MissingDataError, match='zoo.py fetch tuxpaint-stamps'):
            stamps(tmp_path / 'nowhere')

    def test_no_preprocessing(self, root):
        with pytest.raises(ConfigError, match='preprocessing=model.preprocessing'):
            StampsDataset('train', root=str(root))[0]

    def test_a_missing_picture(self, root):
        dataset = stamps(root)
        dataset.media_path(dataset.samples[0]['media']).unlink()
        with pytest.raises(MissingDataError) as error:
            dataset[0]
        assert f'{dataset.media[0]} of sample kind/{dataset.media[0]} is missing' in str(error.value)
        assert 'zoo.py verify tuxpaint-stamps' in str(error.value)

    def test_a_truncated_picture(self, root):
        dataset = stamps(root)
        buffer = io.BytesIO()
        noise = np.random.default_rng(0).integers(0, 256, (64, 64, 4), dtype=np.uint8)
        Image.fromarray(noise).save(buffer, 'PNG')
        dataset.media_path(dataset.media[0]).write_bytes(buffer.getvalue()[:2000])
        with pytest.raises(MissingDataError, match='of sample kind/.* cannot be read'):
            dataset[0]

    def test_a_damaged_drawing(self, root):
        pytest.importorskip('resvg_py')
        (root / 'food/drawn.svg').write_text(SVG[:60])
        (root / 'food/drawn.txt').write_text('A drawn thing.\n')
        with pytest.raises(MissingDataError, match='food/drawn.svg of .* cannot be read'):
            stamps(root).load_media('food/drawn.svg')
