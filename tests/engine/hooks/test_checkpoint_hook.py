from types import SimpleNamespace

import pytest
import torch
from engine_standins import StandInModel

from mmalm.engine.facade import Facade
from mmalm.engine.hooks.checkpoint_hook import CheckpointHook
from mmalm.engine.optim_wrapper import OptimWrapper
from mmalm.errors import ConfigError


def run(tmp_path, hook, scores):
    """Call the hook for one epoch a score."""
    model = StandInModel()
    optim = OptimWrapper(torch.optim.SGD(model.connector.parameters(), lr=0.1))
    runner = SimpleNamespace(
        model=Facade(model),
        optim_wrapper=optim,
        schedulers=[],
        work_dir=tmp_path,
        cfg=None,
        max_epochs=len(scores),
        epoch=0,
        iter=0,
        position=lambda: {'epoch': runner.epoch},
        train_loop=SimpleNamespace(finished=False),
        last_good=None,
    )
    hook.before_train(runner)
    for score in scores:
        for _ in range(4):
            runner.iter += 1
            hook.after_step(runner)
        runner.epoch += 1
        runner.train_loop.finished = runner.epoch == runner.max_epochs
        hook.after_epoch(runner, None if score is None else {'acc': score})
    return tmp_path / 'checkpoints'


def state(folder):
    links = {name: (folder / name).readlink().name for name in ('last', 'best') if (folder / name).is_symlink()}
    return links, sorted(p.name for p in folder.iterdir() if not p.is_symlink())


def test_best_and_last_are_linked_and_the_rest_is_pruned(tmp_path):
    folder = run(tmp_path, CheckpointHook(best='acc'), [0.1, 0.5, 0.5, 0.3])
    # the one before the last stays too, to go back to
    assert state(folder) == ({'last': 'epoch_004', 'best': 'epoch_002'}, ['epoch_002', 'epoch_003', 'epoch_004'])


def test_less_can_be_better(tmp_path):
    folder = run(tmp_path, CheckpointHook(best='acc', rule='less'), [0.3, 0.1, 0.5])
    assert state(folder)[0]['best'] == 'epoch_002'


def test_the_newest_two_keep_the_state_to_resume_from(tmp_path):
    folder = run(tmp_path, CheckpointHook(best='acc'), [0.5, 0.1, 0.2])
    kept = [
        name for name in ('epoch_001', 'epoch_002', 'epoch_003') if (folder / name / 'training_state.json').exists()
    ]
    assert kept == ['epoch_002', 'epoch_003']
    assert sorted(p.name for p in (folder / 'best').iterdir()) == ['mmalm.json', 'weights.safetensors']


def test_checkpoints_by_steps_give_way_to_newer_ones(tmp_path):
    folder = run(tmp_path, CheckpointHook(interval_steps=3, interval=2), [None])
    # four steps, of which the third is due; the end of the run
    assert state(folder) == ({'last': 'epoch_001'}, ['epoch_001', 'step_000003'])
    folder = run(tmp_path / 'longer', CheckpointHook(interval_steps=3, interval=9), [None] * 3)
    assert state(folder) == ({'last': 'epoch_003'}, ['epoch_003', 'step_000012'])


def test_checkpoints_by_time(tmp_path, monkeypatch):
    clock = iter(range(0, 10_000, 25))
    monkeypatch.setattr('time.monotonic', lambda: next(clock))
    folder = run(tmp_path, CheckpointHook(interval_minutes=1, interval=9), [None])
    # 25 s pass with every look at the clock: 75 s after the start it is due
    assert state(folder)[1] == ['epoch_001', 'step_000003']


def test_more_can_be_kept(tmp_path):
    folder = run(tmp_path, CheckpointHook(max_keep=2), [None] * 4)
    assert state(folder) == ({'last': 'epoch_004'}, ['epoch_003', 'epoch_004'])


def test_the_last_epoch_is_saved_whatever_the_interval(tmp_path):
    folder = run(tmp_path, CheckpointHook(interval=3, max_keep=9), [None] * 5)
    assert state(folder)[1] == ['epoch_003', 'epoch_005']


def test_an_epoch_without_validation_is_not_the_best(tmp_path):
    folder = run(tmp_path, CheckpointHook(best='acc'), [0.2, None, 0.1])
    assert state(folder)[0] == {'last': 'epoch_003', 'best': 'epoch_001'}


def test_the_best_score_survives_resuming(tmp_path):
    first = CheckpointHook(best='acc')
    run(tmp_path, first, [0.5])
    second = CheckpointHook(best='acc')
    second.load_state(first.state())
    assert second.state() == {'best_score': 0.5, 'best_epoch': 1, 'kept': ['epoch_001']}


@pytest.mark.parametrize(
    'arguments',
    [{'rule': 'greatest'}, {'interval': 0}, {'max_keep': 0}, {'interval_steps': 0}, {'interval_minutes': 0}],
)
def test_mistakes(arguments):
    with pytest.raises(ConfigError, match='CheckpointHook'):
        CheckpointHook(**arguments)


def test_an_unknown_score(tmp_path):
    with pytest.raises(ConfigError, match="no validation score 'ac'. Did you mean 'acc'"):
        run(tmp_path, CheckpointHook(best='ac'), [0.5])
