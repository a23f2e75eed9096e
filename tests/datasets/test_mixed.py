"""Several data sets as one: order, shares, keys, controls, features of several encoders."""

from collections import Counter

import pytest
import torch

from mmalm.datasets import MixedDataset
from mmalm.engine.seeded_samples import SeededSamples
from mmalm.errors import ConfigError
from mmalm.registry import DATASETS


@DATASETS.register_module()
class TinyMedia(torch.utils.data.Dataset):
    """So many samples of one modality, of made-up media."""

    notes = ('one file was left out',)

    def __init__(self, size, modality='image', preprocessing=None, task='kind', shuffle_media=None):
        self.size, self.modality, self.preprocessing, self.task = size, modality, preprocessing, task
        self.media = [f'{modality}/{i}.bin' for i in range(size)]
        self.shift = int(shuffle_media is not None)

    @staticmethod
    def closed_tasks(arguments):
        return {arguments.get('task', 'kind'): True}

    def __len__(self):
        return self.size

    def __getitem__(self, i):
        media = self.media[(i + self.shift) % self.size]
        return {'id': str(i), 'media': media, 'task': self.task, 'question': '?', 'value': torch.rand(()).item()}

    def media_path(self, key):
        return f'/{key}'

    def load_media(self, key):
        return key.upper()


def node(size, modality='image', **more):
    return dict(type='TinyMedia', size=size, modality=modality, **more)


def test_samples_come_one_data_set_after_the_other_and_say_their_modality():
    asked = []
    mixed = MixedDataset([node(2), node(3, 'audio')], preprocessing_of=lambda name: asked.append(name) or name.upper())
    assert asked == ['image', 'audio'] and [part.preprocessing for part in mixed.parts] == ['IMAGE', 'AUDIO']
    found = [mixed[i] for i in range(len(mixed))]
    assert [s['id'] for s in found] == ['0/0', '0/1', '1/0', '1/1', '1/2']
    assert [s['modality'] for s in found] == ['image'] * 2 + ['audio'] * 3
    assert found[3]['media'] == '1/audio/1.bin' and mixed.media[3] == found[3]['media']
    assert mixed.media_path('1/audio/1.bin') == '/audio/1.bin' and mixed.load_media('0/image/0.bin') == 'IMAGE/0.BIN'
    assert mixed.part_of('1/audio/1.bin') is mixed.parts[1]
    assert mixed.notes == ['TinyMedia: one file was left out'] * 2
    with pytest.raises(IndexError):
        mixed[5]


def test_shares_draw_from_the_large_and_repeat_the_small():
    mixed = MixedDataset([node(90), node(10, 'audio')], weights=[1, 1])
    assert len(mixed) == 100
    samples = SeededSamples(mixed, seed=0)
    epochs = [[samples[epoch, i] for i in range(100)] for epoch in range(2)]
    for epoch in epochs:
        ids = Counter(s['id'] for s in epoch)
        assert sum(s['modality'] == 'image' for s in epoch) == 50
        assert {count for name, count in ids.items() if name.startswith('0/')} == {1}
        assert all(ids[f'1/{i}'] == 5 for i in range(10))
    drawn = [{s['id'] for s in epoch} for epoch in epochs]
    assert drawn[0] != drawn[1]
    # the same again, in any order
    assert [samples[1, i]['id'] for i in reversed(range(100))] == [s['id'] for s in reversed(epochs[1])]


def test_every_sample_is_reached_where_a_part_is_drawn():
    samples = SeededSamples(MixedDataset([node(7), node(3, 'audio')], weights=[1, 4]), seed=1)
    assert len({samples[epoch, i]['id'] for epoch in range(40) for i in range(10)}) == 10


def test_the_control_exchanges_media_within_each_data_set():
    mixed = MixedDataset([node(2), node(2, 'audio')], shuffle_media=3)
    assert [mixed[i]['media'] for i in range(4)] == ['0/image/1.bin', '0/image/0.bin', '1/audio/1.bin', '1/audio/0.bin']


def test_tasks_are_those_of_all():
    nodes = {'datasets': [node(2), node(2, task='name')]}
    assert MixedDataset.closed_tasks(nodes) == {'kind': True, 'name': True}
    nodes['datasets'].append(dict(type='ConcatDataset'))
    assert MixedDataset.closed_tasks(nodes) is None


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(datasets=[]), 'a list of data sets; found none'),
        (dict(datasets=[node(2), node(0)]), r'datasets.1 \(TinyMedia\) is empty'),
        (dict(datasets=[node(2), node(2)], weights=[1]), '1 weights for 2 data sets'),
        (dict(datasets=[node(2), node(2)], weights=[1000, 1]), 'leave no sample of datasets.1'),
        (dict(datasets=[dict(type='TinyMedium', size=1)]), "(?s)'TinyMedium' is not in the registry.*TinyMedia"),
    ],
)
def test_mistakes_are_named(arguments, message):
    with pytest.raises(ConfigError, match=message):
        MixedDataset(**arguments)
