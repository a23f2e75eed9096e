"""The search on top of training: what trains, what is learned, what is left out, and going on."""

import pytest
import torch
from search_standins import BEST, StandInArms, search_runner, weights

from mmalm.engine.data import set_epoch
from mmalm.errors import ConfigError, TrainingError


def run(folder, network=None, **options):
    network = network or StandInArms()
    runner, hook = search_runner(folder, network, **options)
    runner.train()
    return runner, hook, network


@pytest.mark.parametrize(
    'searcher', [{'type': 'GradientBandit'}, {'type': 'KabApp'}, {'type': 'SuccessiveHalving', 'batches': 3}]
)
def test_the_best_arm_is_found_and_all_arms_train(tmp_path, searcher, capsys):
    _, hook, network = run(tmp_path, searcher=searcher, epochs=12)
    assert hook.searcher.best == BEST
    assert len(set(network.chosen)) > 2
    lines = hook.history.read()
    assert [line['best'] for line in lines][-1] == BEST and lines[-1]['confidence'] > 0.9
    assert all(set(line) >= {'step', 'trained', 'arms', 'rewards', 'probabilities', 'counts'} for line in lines)
    assert 'layer 2' in capsys.readouterr().out


def test_rewards_come_from_reward_batches_in_eval_mode_every_so_many_steps(tmp_path):
    runner, hook, network = run(tmp_path, every=4)
    assert (runner.iter, hook.batches, network.asked) == (12, 3, 3)
    assert [line['step'] for line in hook.history.read()] == [4, 8, 12]
    assert network.modes == {False} and runner.model.training
    _, _, awake = run(tmp_path / 'awake', dropout=True)
    assert awake.modes == {True}


def test_reward_batches_go_round(tmp_path):
    _, hook, network = run(tmp_path)
    assert hook.batches == 12 and len(hook.loader) == 3
    # the order of the second time round is another one
    set_epoch(hook.loader, 1)
    second = next(iter(hook.loader))['id']
    set_epoch(hook.loader, 0)
    assert second != next(iter(hook.loader))['id']


def test_a_finished_search_scores_no_more_and_ends_with_its_epoch(tmp_path):
    runner, hook, _ = run(tmp_path, searcher={'type': 'SuccessiveHalving', 'batches': 1}, epochs=20)
    assert hook.searcher.finished and hook.batches == 2
    assert runner.iter == 3


@pytest.mark.parametrize('searcher', [{'type': 'GradientBandit', 'draws': 3, 'train': 'policy'}, {'type': 'KabApp'}])
@pytest.mark.parametrize('stopped', [1, 5, 6])
def test_an_interrupted_search_goes_on_exactly(tmp_path, searcher, stopped):
    _, whole, expected = run(tmp_path / 'whole', searcher=searcher, epochs=3)

    network = StandInArms()
    runner, hook = search_runner(tmp_path / 'cut', network, searcher=searcher, epochs=3)
    inner = hook.before_train_iter

    def stop(running, **arguments):
        if running.iter == stopped:
            raise KeyboardInterrupt
        inner(running, **arguments)

    hook.before_train_iter = stop
    with pytest.raises(KeyboardInterrupt):
        runner.train()
    # written after the last checkpoint, as a kill may leave it
    hook.history.add({'step': 99, 'half': True})

    again = StandInArms()
    again.asked = stopped  # its rewards are a function of how often it was asked
    runner, hook = search_runner(
        tmp_path / 'cut', again, searcher=searcher, epochs=3, resume=tmp_path / 'cut/checkpoints/last'
    )
    runner.train()
    assert hook.history.read() == whole.history.read()
    assert network.chosen + again.chosen == expected.chosen
    left, right = hook.state(), whole.state()
    timeless = {'seconds': 0, 'elapsed': 0}
    assert {**left, **timeless} == {**right, **timeless}
    assert hook.elapsed > hook.seconds > 0
    assert all(torch.equal(weights(again)[name], tensor) for name, tensor in weights(expected).items())


def test_a_search_with_other_settings_does_not_go_on(tmp_path):
    run(tmp_path, epochs=1, settings={'search': {'every': 1}, 'seed': 3})
    runner, _ = search_runner(
        tmp_path,
        StandInArms(),
        epochs=2,
        settings={'search': {'every': 2}, 'seed': 3},
        resume=tmp_path / 'checkpoints/last',
    )
    with pytest.raises(ConfigError, match="begun with search={'every': 1}, the config has {'every': 2}"):
        runner.train()


def test_the_record_of_an_earlier_search_is_kept(tmp_path):
    run(tmp_path, epochs=1)
    (tmp_path / 'placement.json').write_text('found')
    _, hook, _ = run(tmp_path, epochs=1)
    assert len(hook.history.read()) == 3
    # nor is what the earlier one found taken for this one's
    assert not (tmp_path / 'placement.json').exists() and (tmp_path / 'placement.1.json').read_text() == 'found'
    assert len((tmp_path / 'search.1.jsonl').read_text().splitlines()) == 3


def test_a_reward_that_is_not_finite_is_left_out_with_words(tmp_path, capsys):
    _, hook, _ = run(tmp_path, StandInArms(bad=(3, 7)), epochs=12)
    lines = hook.history.read()
    assert hook.skipped == 2 and [i for i, line in enumerate(lines) if line.get('skipped')] == [2, 6]
    assert lines[2]['rewards'] is None and lines[2]['probabilities'] == lines[1]['probabilities']
    assert lines[2]['counts'] == lines[1]['counts'] and hook.searcher.best == BEST
    assert 'step 3: this reward batch is left out: a reward is not finite (arm 0: nan' in capsys.readouterr().out


def test_rewards_that_are_never_finite_end_the_search(tmp_path):
    with pytest.raises(TrainingError, match='6 reward batches in a row taught nothing: a reward is not finite'):
        run(tmp_path, StandInArms(bad=tuple(range(1, 99))))


def test_a_search_without_a_reward_finds_nothing(tmp_path):
    with pytest.raises(ConfigError, match='search.every=99 in a search of 12 steps gives no reward batch'):
        run(tmp_path / 'never', every=99)
    with pytest.raises(TrainingError, match='learned nothing: 3 reward batches, of which 3'):
        run(tmp_path / 'bad', StandInArms(bad=(1, 2, 3)), epochs=1)


def test_processes_that_have_come_apart_are_told(tmp_path, monkeypatch):
    both = lambda value: [value, ((99, value[0][1]), value[1])]  # noqa: E731
    monkeypatch.setattr('mmalm.search.hook.distributed.gather_everywhere', both)
    with pytest.raises(TrainingError, match='have come apart: they train or score different arms'):
        run(tmp_path)
