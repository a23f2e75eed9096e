import pytest
from engine_standins import StandInDataset

from mmalm.errors import ConfigError
from mmalm.search.split import cut


class Asked(StandInDataset):
    """Three questions a picture; pictures are read when asked for."""

    media = [f'picture{i}' for i in range(10)]

    def __init__(self):
        super().__init__('train', size=30)
        self.looked = 0

    def __getitem__(self, i):
        sample = {**super().__getitem__(i), 'media': self.media[i // 3]}
        sample['pixels'] = self.load_media(sample['media'])
        return sample

    def load_media(self, key):
        self.looked += 1
        return key

    def transform(self, picture):
        return picture


def test_all_questions_about_a_picture_are_on_one_side():
    dataset = Asked()
    training, held_out = cut(dataset, 0.3, seed=0)
    assert dataset.looked == 0
    assert len(training) == 21 and len(held_out) == 9
    sides = [{side[i]['media'] for i in range(len(side))} for side in (training, held_out)]
    assert len(sides[0]) == 7 and len(sides[1]) == 3 and not sides[0] & sides[1]
    assert training.split == 'train' and training.notes == dataset.notes


def test_the_cut_follows_from_the_seed():
    first, again, other = (cut(Asked(), 0.3, seed)[1].indices for seed in (0, 0, 1))
    assert first == again != other
    # a smaller share is a part of a larger one
    assert set(first) < set(cut(Asked(), 0.5, 0)[1].indices)


def test_nothing_left():
    with pytest.raises(ConfigError, match='leaves 0 for rewards and 10 to'):
        cut(Asked(), 0.01, 0)


def test_samples_that_change_every_epoch():
    dataset = Asked()
    dataset.weights = [1, 3]
    with pytest.raises(ConfigError, match='mixture with weights'):
        cut(dataset, 0.3, 0)
