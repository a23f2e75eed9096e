"""The config that a dry run trains."""

from pathlib import Path

import torch
from torch import nn

from mmalm.engine.dry_run.shrink import adapted, in_two_steps, shrunk
from mmalm.registry import CONNECTORS


@CONNECTORS.register_module(force=True)
class Shrinkable(nn.Module):
    """Notes what it is given."""

    @classmethod
    def shrink(cls, arguments, folder: Path):
        (folder / 'weights').write_text('made up')
        return {**arguments, 'width': 2, 'file': str(folder / 'weights')}


def config(**changes):
    model = {
        'type': 'AugmentedLM',
        'connector': {'type': 'Shrinkable', 'width': 900, 'depth': 7},
        'expect_trainable': 8,
    }
    return {'model': model, 'train_cfg': {'max_epochs': 9, 'val_begin': 4}, 'seed': 1, **changes}


def test_a_component_shrinks_itself_and_its_type_stays(tmp_path):
    real = config()
    small = shrunk(real, tmp_path)
    own = tmp_path / 'components' / 'model.connector' / 'weights'
    assert small['model']['connector'] == {'type': 'Shrinkable', 'width': 2, 'depth': 7, 'file': str(own)}
    assert own.read_text() == 'made up'
    assert 'expect_trainable' not in small['model']
    assert real == config()


def test_cached_features_lie_in_the_folder(tmp_path):
    small = shrunk(config(feature_cache={'enabled': True, 'dtype': 'float16'}), tmp_path)
    assert small['feature_cache'] == {'enabled': True, 'dtype': 'float16', 'folder': str(tmp_path / 'features')}
    assert 'feature_cache' not in shrunk(config(), tmp_path)


def test_what_this_machine_lacks_is_replaced(monkeypatch):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    real = config(precision='fp16', work_dir='x', load_from='y', visualizer={'type': 'Visualizer'})
    real['model']['language_model'] = {'type': 'CausalLM', 'dtype': 'float16', 'attention': 'xformers'}
    real['model']['encoder'] = {'type': 'TimmEncoder', 'dtype': 'bfloat16', 'attention': 'eager'}
    found = adapted(real)
    assert found['precision'] == 'fp32'
    assert found['model']['language_model'] == {'type': 'CausalLM', 'dtype': 'float32', 'attention': 'auto'}
    assert found['model']['encoder'] == real['model']['encoder']
    assert not {'work_dir', 'load_from', 'visualizer'} & found.keys()
    assert real['precision'] == 'fp16'
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    assert adapted(real)['precision'] == 'fp16'


def test_an_epoch_is_one_step():
    loaders = {f'{split}_dataloader': {'batch_size': 64, 'num_workers': 8} for split in ('train', 'val', 'test')}
    optim = {'optim_wrapper': {'accumulate': 4}, 'default_hooks': {'checkpoint': {'interval': 5}}}
    found = in_two_steps(config(**loaders, **optim), lambda key: 7)
    assert found['train_dataloader'] == {'batch_size': 4, 'num_workers': 1}
    assert found['optim_wrapper'] == {'accumulate': 2} and found['default_hooks'] == {'checkpoint': {'interval': 1}}
    assert found['train_cfg'] == {'max_epochs': 2, 'val_interval': 2, 'val_begin': 2}
    alone = in_two_steps(config(train_dataloader={'batch_size': 2}, optim_wrapper={}), lambda key: 7)
    assert alone['train_dataloader'] == {'batch_size': 7} and alone['optim_wrapper'] == {}
