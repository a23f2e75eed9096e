import json

import pytest
import torch
from engine_standins import KINDS, standin_config
from mmengine.hooks import Hook
from safetensors.torch import load_file

from mmalm.engine.checkpoint import save_checkpoint
from mmalm.engine.train import build_model, train
from mmalm.errors import ConfigError, TrainingError
from mmalm.registry import HOOKS


def test_results_say_where_the_scores_come_from(tmp_path):
    results = train(standin_config(), tmp_path)
    assert results == json.loads((tmp_path / 'results.json').read_text())
    assert set(results) == {
        'started',
        'seed',
        'epochs',
        'steps',
        'step_seconds',
        'answering',
        'notes',
        'trainable',
        'checkpoint',
        'metrics',
        'baselines',
        'controls',
        'wall_seconds',
        'config',
        'versions',
        'hardware',
        'commit',
    }
    assert (results['seed'], results['epochs'], results['steps']) == (3, 2, 6)
    assert results['trainable']['trainable'] == 24
    assert 0 < results['step_seconds'] < results['wall_seconds']
    assert results['notes'] == {'train': ['12 points'], 'val': ['12 points']}
    assert results['config']['optim_wrapper']['clip_norm'] == 1.0
    scores = {f'{mode}/{part}' for mode in ('ranked', 'generated') for part in ('overall', 'kind', 'name')}
    assert set(results['metrics']['val']) == set(results['controls']['val']['shuffled_media']) == scores
    # a constant answer is right for a third of either task
    assert results['baselines']['val'] == {
        'AlwaysFirst': pytest.approx(dict.fromkeys(sorted(s for s in scores if 'ranked' in s), 1 / 3))
    }
    assert {'python', 'torch', 'transformers', 'mmengine', 'mmalm'} <= set(results['versions'])
    assert results['hardware']['cores'] >= 1


def test_the_run_learns_and_the_shuffled_control_does_not(tmp_path):
    results = train(standin_config(train_cfg=dict(max_epochs=15)), tmp_path)
    assert results['metrics']['val']['ranked/overall'] == 1.0
    # the control gives every question the picture of a sample of another kind
    assert results['controls']['val']['shuffled_media']['ranked/overall'] == 0.0


def test_the_terminal_shows_table_progress_scores_and_summary(tmp_path, capfd):
    train(standin_config(), tmp_path)
    out, err = capfd.readouterr()
    lines = out.splitlines()
    assert lines[0].split() == ['trainable', 'tensors', 'parameters', '%', 'of', 'all']
    progress = [line for line in lines if 'step' in line and 'left' in line]
    assert [line.split('  ')[:2] for line in progress] == [['epoch 1/2', 'step 3/6'], ['epoch 2/2', 'step 6/6']]
    assert sum('validation  ranked/overall' in line for line in lines) == 2
    assert 'shuffled_media' in out and 'AlwaysFirst' in out and f'Results: {tmp_path / "results.json"}' in out
    assert len(lines) < 30 and 'WARNING' not in out + err and 'Adafactor' not in out + err
    assert len(lines) == len(
        [line for i, line in enumerate(lines) if not line or line not in lines[:i] or '---' in line]
    )


def test_scalars_are_recorded_as_json_lines_and_for_tensorboard(tmp_path):
    train(standin_config(), tmp_path)
    (log,) = tmp_path.glob('*/log.jsonl')
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(line['step'], line['phase']) for line in lines] == [
        (1, 'train'),
        (2, 'train'),
        (3, 'train'),
        (3, 'val'),
        (4, 'train'),
        (5, 'train'),
        (6, 'train'),
        (6, 'val'),
    ]
    rates = [line['lr'] for line in lines if line['phase'] == 'train']
    assert rates[:3] == pytest.approx([0.001, 0.0505, 0.1])  # 0.01 to 1 in 2 steps
    assert {line['lr/soft_prompt.*'] for line in lines if line['phase'] == 'train'} == {0.01}
    assert len(list(tmp_path.glob('*/vis_data/events.out.tfevents.*'))) == 1


def test_the_same_seed_gives_the_same_weights_and_another_does_not(tmp_path):
    weights = []
    for name, seed in (('a', 5), ('b', 5), ('c', 6)):
        train(standin_config(), tmp_path / name, seed=seed)
        weights.append(
            load_file(tmp_path / name / 'checkpoints' / 'last' / 'weights.safetensors')['connector.0.weight']
        )
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


@pytest.mark.parametrize('precision', ['fp32', 'bf16'])
def test_trained_weights_are_float32_in_every_precision(tmp_path, precision):
    train(standin_config(precision=precision), tmp_path)
    weights = load_file(tmp_path / 'checkpoints' / 'last' / 'weights.safetensors')
    assert {t.dtype for t in weights.values()} == {torch.float32}


def test_a_non_finite_loss_stops_and_keeps_the_last_good_state(tmp_path):
    config = standin_config(model=dict(type='StandInModel', bad_step=5))
    with pytest.raises(TrainingError) as caught:
        train(config, tmp_path)
    message = str(caught.value)
    assert 'the loss is nan at step 5 (epoch 2, batch 2 of 3; lr 0.05, lr/soft_prompt.* 0.01)' in message
    assert f'The last good state is {tmp_path}/checkpoints/before_stop' in message
    checkpoints = tmp_path / 'checkpoints'
    assert {p.name for p in checkpoints.iterdir()} == {'epoch_001', 'last', 'best', 'before_stop'}
    kept, earlier = (load_file(checkpoints / n / 'weights.safetensors') for n in ('before_stop', 'last'))
    assert all(torch.isfinite(t).all() for t in kept.values())
    assert not torch.equal(kept['connector.0.weight'], earlier['connector.0.weight'])  # one step further

    assert f'The last checkpoint is {checkpoints}/epoch_001' in message


def test_a_bad_first_epoch_leaves_no_good_state_and_says_so(tmp_path):
    config = standin_config(
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=1e38, weight_decay=1e38)), param_scheduler=None
    )
    with pytest.raises(TrainingError, match='There is no good state to go back to'):
        train(config, tmp_path)
    assert not (tmp_path / 'checkpoints' / 'last').exists()


def test_weights_ruined_by_the_last_step_of_an_epoch_are_not_saved(tmp_path):
    # one step an epoch: no later loss tells of it
    config = standin_config(
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=1e38, weight_decay=1e38)),
        param_scheduler=None,
        train_dataloader=dict(batch_size=12, dataset=dict(type='StandInDataset', split='train')),
        train_cfg=dict(max_epochs=1),
    )
    with pytest.raises(TrainingError, match='after step 1 .* not finite'):
        train(config, tmp_path)
    assert not (tmp_path / 'results.json').exists()


def test_resuming_with_another_learning_rate_is_refused(tmp_path):
    train(standin_config(train_cfg=dict(max_epochs=1)), tmp_path)
    config = standin_config()
    config.optim_wrapper.optimizer.lr = 0.5
    with pytest.raises(ConfigError, match=r'saved with optim_wrapper=.*load_from='):
        train(config, tmp_path, resume=True)


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        ({'train_cfg': {'max_epoch': 2}}, "- train_cfg: unknown argument 'max_epoch'.*Did you mean 'max_epochs'"),
        ({'optim_wrapper': {'optimizer': {'type': 'AdamX', 'lr': 1}}}, 'AdamX'),
        ({'custom_hooks': [{'type': 'NoSuchHook'}]}, 'custom_hooks.0'),
        ({'seed': 'x'}, "seed: expected int, found 'x'"),
    ],
)
def test_cheap_mistakes_show_before_any_data_is_touched(tmp_path, monkeypatch, changes, message):
    monkeypatch.setattr('mmalm.engine.setup.DataBuilder', None)
    with pytest.raises(ConfigError, match=f'(?s){message}'):
        train(standin_config(**changes), tmp_path)


def test_an_earlier_run_in_the_same_folder_is_set_aside(tmp_path, capsys):
    train(standin_config(), tmp_path)
    train(standin_config(train_cfg=dict(max_epochs=1)), tmp_path)
    assert (tmp_path / 'checkpoints.1' / 'epoch_002').exists()
    assert {p.name for p in (tmp_path / 'checkpoints').iterdir()} == {'epoch_001', 'last', 'best'}
    assert 'kept as' in capsys.readouterr().out
    # results beside checkpoints of another run would mislead
    assert json.loads((tmp_path / 'results.1.json').read_text())['epochs'] == 2


def test_training_without_validation(tmp_path):
    config = standin_config(val_dataloader=None, default_hooks=dict(checkpoint=dict(type='CheckpointHook')))
    results = train(config, tmp_path)
    assert 'metrics' not in results and results['checkpoint'] == {'name': 'last', 'epoch': 2, 'step': 6}


def test_training_starts_from_other_weights(tmp_path):
    config = standin_config(optim_wrapper=dict(optimizer=dict(type='SGD', lr=0.0)), param_scheduler=None)
    source = build_model(config, seed=11)
    save_checkpoint(tmp_path / 'source', source)
    train(standin_config(**{**config._cfg_dict, 'load_from': str(tmp_path / 'source')}), tmp_path / 'run')
    weights = load_file(tmp_path / 'run' / 'checkpoints' / 'last' / 'weights.safetensors')
    assert torch.equal(weights['connector.0.weight'], source.connector[0].weight)


@HOOKS.register_module()
class CountingHook(Hook):
    calls = []

    def __init__(self, name):
        self.name = name

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        self.calls.append((self.name, runner.iter, sorted(outputs), data_batch['answer'][0] in KINDS))


def test_hooks_of_the_users_own(tmp_path):
    CountingHook.calls.clear()
    train(standin_config(custom_hooks=[dict(type='CountingHook', name='x', priority='HIGH')]), tmp_path)
    assert CountingHook.calls == [('x', i, ['loss'], True) for i in range(6)]


def test_a_hook_of_mmengine_works(tmp_path):
    stopping = dict(type='EarlyStoppingHook', monitor='ranked/overall', rule='greater', patience=1, min_delta=2.0)
    results = train(standin_config(custom_hooks=[stopping], train_cfg=dict(max_epochs=9)), tmp_path)
    assert results['epochs'] < 9


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        ({'train_cfgs': {}}, "train_cfgs: nothing reads this top-level key. Did you mean 'train_cfg'"),
        ({'model': None}, 'model: is missing'),
        ({'metrics': None}, 'metrics: is missing'),
        ({'train_cfg': dict(max_epochs=0)}, 'train_cfg: train_cfg.max_epochs=0'),
        ({'train_cfg': dict(max_epoch=2)}, "unknown argument 'max_epoch'. Did you mean 'max_epochs'"),
        ({'custom_hooks': [dict(type='EarlyStopingHook')]}, "custom_hooks.0.*Did you mean 'EarlyStoppingHook'"),
        ({'default_hooks': dict(checkpoint=dict(type='CheckpointHook', intervall=1))}, "unknown argument 'intervall'"),
        (
            {'default_hooks': dict(checkpoint=dict(type='CheckpointHook', best='rankd/overall'))},
            "Did you mean 'ranked/overall'",
        ),
        ({'param_scheduler': dict(type='WarmupCosine', warm_up=1)}, "param_scheduler: .*Did you mean 'warmup'"),
        (
            {'param_scheduler': dict(type='WarmupCosine', warmup=99)},
            "config node 'param_scheduler': warmup=99 does not",
        ),
        (
            {'optim_wrapper': dict(type='OptimWraper', optimizer=dict(type='SGD', lr=1.0))},
            "Did you mean 'OptimWrapper'",
        ),
        ({'controls': dict(shuffled=True)}, "Did you mean 'shuffled_media'"),
        ({'baselines': [dict(type='AlwaysFirs')]}, "baselines.0.*Did you mean 'AlwaysFirst'"),
        ({'precision': 'fp8'}, "precision: unknown 'fp8'"),
    ],
)
def test_mistakes_in_the_config(tmp_path, changes, message):
    with pytest.raises(ConfigError, match=f'(?s){message}'):
        train(standin_config(**changes), tmp_path)


@pytest.mark.parametrize('key', ['train_dataloader', 'val_dataloader'])
def test_the_test_split_is_refused(tmp_path, key):
    node = dict(batch_size=4, dataset=dict(type='StandInDataset', split='test'))
    with pytest.raises(ConfigError, match=f"{key}.dataset.split: 'test': only tools/test.py"):
        train(standin_config(**{key: node}), tmp_path)
