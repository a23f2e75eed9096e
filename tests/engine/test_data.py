import pytest
import torch
from engine_standins import StandInDataset, StandInModel

from mmalm.engine.data import DataBuilder, make_loader, set_epoch
from mmalm.errors import ConfigError
from mmalm.registry import DATASETS

NODE = dict(batch_size=4, shuffle=True, dataset=dict(type='StandInDataset', split='train', jitter=0))


def ids(loader):
    return [i for batch in loader for i in batch['id']]


def test_batches_are_collated():
    batches = list(DataBuilder(StandInModel(), None, seed=0).loader(NODE, 'train_dataloader'))
    assert [tuple(b['pixels'].shape) for b in batches] == [(4, 4)] * 3
    assert len(batches[0]['answers']) == 4


def test_the_order_follows_from_seed_and_epoch():
    first, again, other = (
        DataBuilder(StandInModel(), None, seed=s).loader(NODE, 'train_dataloader') for s in (0, 0, 1)
    )
    one = ids(first)
    assert one == ids(again) and sorted(one) == sorted(ids(other)) and one != ids(other)
    set_epoch(first, 1)
    second = ids(first)
    assert second != one
    set_epoch(again, 1)
    assert ids(again) == second


def test_workers_draw_random_numbers_from_the_seed():
    orders = []
    for _ in range(2):
        torch.randn(3)  # the global generator has no say
        loader = make_loader(StandInDataset('train', size=4, jitter=1.0), seed=0, batch_size=2, num_workers=2)
        set_epoch(loader, 1)
        orders.append(torch.cat([batch['pixels'] for batch in loader]))
    assert torch.equal(*orders)


def test_the_last_small_batch():
    dataset = StandInDataset('train', size=5)
    assert [len(ids([b])) for b in make_loader(dataset, batch_size=2)] == [2, 2, 1]
    assert [len(ids([b])) for b in make_loader(dataset, batch_size=2, drop_last=True)] == [2, 2]


@DATASETS.register_module()
class NeedsPreprocessing(StandInDataset):
    def __init__(self, preprocessing, split='train'):
        super().__init__(split)
        self.preprocessing, self.transform = preprocessing, 'transform'


def test_the_models_preprocessing_reaches_the_data_set():
    model = StandInModel()
    model.preprocessing = object()
    built = DataBuilder(model, None, seed=0).dataset(dict(dataset=dict(type='NeedsPreprocessing')), 'train_dataloader')
    assert built.preprocessing is model.preprocessing


def test_the_feature_cache_wraps_every_data_set(monkeypatch):
    seen = []
    monkeypatch.setattr(DataBuilder, 'with_features', lambda self, dataset: seen.append(self.cache_settings) or dataset)
    DataBuilder(StandInModel(), dict(enabled=True, folder='x'), seed=0).loader(NODE, 'train_dataloader')
    DataBuilder(StandInModel(), dict(enabled=False, folder='x'), seed=0).loader(NODE, 'train_dataloader')
    assert seen == [{'folder': 'x'}]


@pytest.mark.parametrize(
    ('node', 'message'),
    [
        ({**NODE, 'batchsize': 2}, "train_dataloader: unknown key 'batchsize'. Did you mean 'batch_size'"),
        ({'batch_size': 2}, '"dataset" is missing'),
        ({'dataset': dict(type='StandInDataset', split='train', size=0)}, 'StandInDataset is empty'),
        (
            {'dataset': dict(type='StandInDataset', split='train', sise=3)},
            "train_dataloader.dataset.*Did you mean 'size'",
        ),
        ({**NODE, 'batch_size': 13, 'drop_last': True}, 'leaves no batch'),
        ({**NODE, 'batch_size': 0}, "'train_dataloader': batch_size=0 must be a whole number from 1 on"),
        ({**NODE, 'batch_size': '16'}, "batch_size='16' must be a whole number"),
        ({**NODE, 'num_workers': -1}, 'num_workers=-1 must be a whole number from 0 on'),
        ({**NODE, 'shuffle': 'no'}, "shuffle='no' must be True or False"),
    ],
)
def test_mistakes(node, message):
    with pytest.raises(ConfigError, match=f'(?s){message}'):
        DataBuilder(StandInModel(), None, seed=0).loader(node, 'train_dataloader')
