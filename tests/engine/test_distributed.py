"""Several processes, forked from this one, against one: the same run."""

import json
import os
import signal

import pytest
import torch
from engine_standins import standin_config
from forks import run, together
from mmengine.evaluator import BaseMetric
from mmengine.hooks import Hook
from safetensors.torch import load_file

from mmalm.engine import distributed
from mmalm.engine.train import train
from mmalm.errors import ConfigError
from mmalm.registry import HOOKS, METRICS


@METRICS.register_module()
class OrderOfSamples(BaseMetric):
    """Reads what samples carry beside their predictions; its score changes with their order and number."""

    def process(self, data_batch, data_samples):
        self.results += [(sample['id'], media) for sample, media in zip(data_samples, data_batch['media'], strict=True)]

    def compute_metrics(self, results):
        names = [f'{name}/{media}' for name, media in results]
        return {'count': len(names), 'order': sum(i * int(name.rpartition('/')[2]) for i, name in enumerate(names))}


@HOOKS.register_module()
class FailIn(Hook):
    """One process fails, or is killed, at a step."""

    def __init__(self, rank, step, kill=False):
        self.rank, self.step, self.kill = rank, step, kill

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if (distributed.rank(), runner.iter) == (self.rank, self.step):
            if self.kill:
                os.kill(os.getpid(), signal.SIGKILL)
            raise ConfigError('this process has had enough')


@pytest.fixture(scope='module', autouse=True)
def everything_imported(tmp_path_factory):
    """What is imported on first use is imported here, not in every child anew."""
    train(config(), tmp_path_factory.mktemp('warm'))


def config(**changes):
    """Batches of 8 over 17 samples: the last has one sample, so that one of two processes has none."""
    config = standin_config(metrics=[dict(type='AnswerAccuracy'), dict(type='OrderOfSamples')], **changes)
    # what is drawn a batch, as dropout is, cannot be alike in parts of it
    config.model.dropout = 0.0
    config.train_dataloader.batch_size = 8
    config.train_dataloader.dataset.size = 17
    config.val_dataloader.dataset.size = 9
    config.optim_wrapper.accumulate = 2
    return config


def in_each(*arguments, **keywords):
    """Train in this process of several."""

    def function():
        torch.set_num_threads(1)
        with distributed.launch('pytorch'):
            train(*arguments, **keywords)

    return function


def losses(folder):
    (log,) = folder.glob('*/log.jsonl')
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    return [line['loss'] for line in lines if line['phase'] == 'train']


def weights(folder):
    return load_file(folder / 'checkpoints' / 'last' / 'weights.safetensors')


@pytest.mark.parametrize('processes', [2, 4])
def test_several_processes_train_as_one(tmp_path, processes):
    assert run(lambda: train(config(), tmp_path / 'one'), tmp_path / 'one.log').code == 0
    ended = together([in_each(config(), tmp_path / 'many')] * processes, tmp_path)
    assert [child.code for child in ended] == [0] * processes, ended
    one, many = (json.loads((tmp_path / name / 'results.json').read_text()) for name in ('one', 'many'))
    for key in ('metrics', 'baselines', 'controls', 'steps', 'trainable', 'checkpoint'):
        assert one[key] == many[key], key
    assert one['metrics']['val']['count'] == 9
    assert losses(tmp_path / 'many') == pytest.approx(losses(tmp_path / 'one'), abs=1e-5)
    for name, tensor in weights(tmp_path / 'one').items():
        torch.testing.assert_close(weights(tmp_path / 'many')[name], tensor, atol=1e-5, rtol=0)
    # one log, one voice
    assert 'epoch 2/2  step 6/6' in ended[0].said and f'in {processes} processes' in ended[0].said
    assert all(child.said == '' for child in ended[1:])
    assert sorted(p.name for p in (tmp_path / 'many').glob('2*/*.jsonl')) == ['log.jsonl']


def test_resuming_in_two_processes_goes_on_bit_for_bit_with_each_ones_own_dropout(tmp_path):
    def dropping(**changes):
        lively = config(**changes)
        lively.model.dropout = 0.5
        lively.optim_wrapper.accumulate = 1
        lively.default_hooks.checkpoint.interval_steps = 2
        return lively

    broken = dropping(custom_hooks=[dict(type='FailIn', rank=1, step=5)])
    assert [e.code for e in together([in_each(dropping(), tmp_path / 'straight')] * 2, tmp_path)] == [0, 0]
    assert [e.code for e in together([in_each(broken, tmp_path / 'parts')] * 2, tmp_path)] == [2, 2]
    ended = together([in_each(dropping(), tmp_path / 'parts', resume=True)] * 2, tmp_path)
    assert [e.code for e in ended] == [0, 0] and 'step_000004: 1 of 2 epochs are done, and 1 of 3 batches' in ended[
        0
    ].said
    one, two = weights(tmp_path / 'straight'), weights(tmp_path / 'parts')
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_a_run_of_two_processes_is_resumed_in_one(tmp_path):
    broken = config(custom_hooks=[dict(type='FailIn', rank=0, step=4)])
    assert run(lambda: train(config(), tmp_path / 'one'), tmp_path / 'one.log').code == 0
    together([in_each(broken, tmp_path / 'many')] * 2, tmp_path)
    assert run(lambda: train(config(), tmp_path / 'many', resume=True), tmp_path / 'log').code == 0
    for name, tensor in weights(tmp_path / 'one').items():
        torch.testing.assert_close(weights(tmp_path / 'many')[name], tensor, atol=1e-5, rtol=0)


@pytest.mark.parametrize('rank', [0, 1])
def test_an_error_in_one_process_ends_all_with_one_message(tmp_path, rank):
    broken = config(custom_hooks=[dict(type='FailIn', rank=rank, step=1)])
    ended = together([in_each(broken, tmp_path / 'run')] * 2, tmp_path)
    assert [child.code for child in ended] == [2, 2]
    assert 'error: this process has had enough' in ended[rank].said
    assert 'error:' not in ended[1 - rank].said and 'Traceback' not in ended[0].said + ended[1].said


def test_a_mistake_that_all_find_is_told_once(tmp_path):
    ended = together([in_each(config(train_cfg=dict(max_epoch=2)), tmp_path / 'run')] * 2, tmp_path)
    assert [child.code for child in ended] == [2, 2]
    assert sum("Did you mean 'max_epochs'" in child.said for child in ended) == 1


def test_a_killed_process_ends_the_others(tmp_path):
    broken = config(custom_hooks=[dict(type='FailIn', rank=1, step=1, kill=True)])
    ended = together([in_each(broken, tmp_path / 'run')] * 2, tmp_path)
    assert [child.code for child in ended] == [2, -signal.SIGKILL]
    assert 'Another process of this run ended without saying why' in ended[0].said


def test_a_non_finite_loss_in_one_process_stops_all_before_the_step(tmp_path):
    def diverging():
        bad = config()
        bad.model.bad_step = 2 if os.environ['RANK'] == '1' else None
        in_each(bad, tmp_path / 'run')()

    ended = together([diverging] * 2, tmp_path)
    assert [child.code for child in ended] == [2, 2]
    assert sum('the loss is nan at step 2' in child.said for child in ended) == 1
    assert (tmp_path / 'run' / 'checkpoints' / 'before_stop' / 'weights.safetensors').exists()


def test_other_frozen_models_are_refused(tmp_path):
    def other():
        wide = config()
        wide.model.width = 6 + int(os.environ['RANK'])
        in_each(wide, tmp_path / 'run')()

    ended = together([other] * 2, tmp_path)
    assert [child.code for child in ended] == [2, 2]
    assert sum('stand on different frozen models' in child.said for child in ended) == 1


def test_a_batch_that_cannot_be_dealt_out_is_refused(tmp_path):
    odd = config()
    odd.train_dataloader.batch_size = 7
    ended = together([in_each(odd, tmp_path / 'run')] * 2, tmp_path)
    assert sum('batch_size=7 counts the samples of all processes together' in child.said for child in ended) == 1


@pytest.mark.parametrize(
    ('launcher', 'message'),
    [('pytorch', 'lacks RANK.*torchrun --nproc_per_node=2'), ('slurm', 'choose from none, pytorch')],
)
def test_mistakes(monkeypatch, launcher, message):
    for name in distributed.ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigError, match=f'(?s){message}'), distributed.launch(launcher):
        pass


def test_in_one_process_nothing_is_exchanged():
    with distributed.launch(), distributed.main_first():
        assert (distributed.rank(), distributed.world_size(), distributed.is_main()) == (0, 1, True)
        assert distributed.broadcast('a') == 'a' and distributed.gather('a') == distributed.gather_everywhere('a') == [
            'a'
        ]
