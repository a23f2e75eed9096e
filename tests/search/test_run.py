"""A whole search on DVP in miniature: found, taken by training, refused elsewhere, resumed, in two processes."""

import functools
import json
import os
import signal

import pytest
import torch
from forks import run as forked
from forks import together
from safetensors.torch import load_file
from tiny_dvp import write_dvp
from tiny_text import tiny_text_lm

from mmalm.config import load_config
from mmalm.engine import distributed
from mmalm.engine.score import score_checkpoint
from mmalm.engine.train import train
from mmalm.errors import CheckpointError, ConfigError, MissingDataError
from mmalm.search.run import rewards_timed, search

# scores of a model this small are all alike
QUICK = {'search.reward': 'likelihood', 'search.epochs': 1, 'default_hooks.checkpoint.interval_steps': 1}


@pytest.fixture
def config(tmp_path):
    return write_dvp(tmp_path)


def lines(folder):
    return [json.loads(line) for line in (folder / 'search.jsonl').open()]


def test_a_searched_placement_is_trained_and_scored(config, tmp_path, capsys):
    folder = tmp_path / 'search'
    content = search(load_config(config, QUICK), folder)
    said = capsys.readouterr().out
    assert 'others of the training split give rewards' in said and '<- found' in said
    assert json.loads((folder / 'placement.json').read_text()) == content
    assert {path.name for path in folder.iterdir()} >= {'search.jsonl', 'search.png', 'search.svg', 'checkpoints'}
    assert content['steps'] == content['reward_batches'] == len(lines(folder)) and content['skipped_batches'] == 0
    best = max(content['arms'], key=lambda arm: arm['probability'])
    assert content['layers'] == best['layers'] == [lines(folder)[-1]['best']]
    assert sum(arm['probability'] for arm in content['arms']) == pytest.approx(1)
    assert {arm['scored'] for arm in content['arms']} == {content['steps']}
    assert content['base_models']['language_model']['class'] == 'BertModel'

    # another layer than the config's, whatever was found
    content['layers'] = [3]
    (folder / 'placement.json').write_text(json.dumps(content))
    placed = load_config(config, {'placement': str(folder / 'placement.json')})
    results = train(placed, tmp_path / 'run')
    assert results['config']['model']['schedule'] == {'type': 'SingleLayer', 'layer': 3}
    assert results['config']['placement']['layers'] == [3]
    # the checkpoint's own placement holds, though another has been searched since
    content['layers'] = [1]
    (folder / 'placement.json').write_text(json.dumps(content))
    checkpoint = tmp_path / 'run/checkpoints/best'
    scored = score_checkpoint(placed, checkpoint, tmp_path / 'test.json', page=False)
    assert scored['config']['model']['schedule']['layer'] == 3
    assert placed.model.schedule.layer == 0

    # an encoder of other weights
    tiny_text_lm('bert', seed=7).model.save_pretrained(tmp_path / 'lm')
    with pytest.raises(ConfigError, match=r'(?s)searched with other models:\n  language_model: .*placement=None'):
        train(placed, tmp_path / 'other')


def test_an_interrupted_search_goes_on_exactly(config, tmp_path, monkeypatch):
    from mmalm.search.hook import SearchHook

    whole = search(load_config(config, QUICK), tmp_path / 'whole')
    inner = SearchHook.before_train_iter

    def stop(self, runner, **arguments):
        if runner.iter == 2:
            raise KeyboardInterrupt
        inner(self, runner, **arguments)

    with monkeypatch.context() as patch:
        patch.setattr(SearchHook, 'before_train_iter', stop)
        with pytest.raises(KeyboardInterrupt):
            search(load_config(config, QUICK), tmp_path / 'cut')
    assert not (tmp_path / 'cut/placement.json').exists()
    resumed = search(load_config(config, QUICK), tmp_path / 'cut', resume=True)
    assert lines(tmp_path / 'cut') == lines(tmp_path / 'whole')
    for name in ('layers', 'arms', 'confidence', 'steps', 'reward_batches'):
        assert resumed[name] == whole[name]
    ends = [load_file(tmp_path / run / 'checkpoints/last/weights.safetensors') for run in ('whole', 'cut')]
    assert all(torch.equal(ends[1][name], tensor) for name, tensor in ends[0].items())
    # of another split of the data, and of other arms, whose weights would not fit either
    for changes, said in (
        ({'search.every': 2}, r"search={}, the config has {'every': 2}"),
        ({'search.share': 0.4}, r"search={'share': 0.3}, the config has {'share': 0.4}"),
        ({'search.layers': [0, 1]}, r"search={}, the config has {'layers': \[0, 1\]}"),
        ({'search.searcher.type': 'KabApp'}, 'the search was begun with search='),
        ({'seed': 7}, 'seed=1, the config has 7'),
    ):
        with pytest.raises(ConfigError, match=said):
            search(load_config(config, {**QUICK, **changes}), tmp_path / 'cut', resume=True)
    assert lines(tmp_path / 'cut') == lines(tmp_path / 'whole')


def test_a_killed_search_goes_on_exactly(config, tmp_path):
    search(load_config(config, QUICK), tmp_path / 'whole')

    def killed():
        from mmalm.search.hook import SearchHook

        inner = SearchHook.score

        def kill(self, runner):
            inner(self, runner)  # its line is written, and in no checkpoint
            if self.batches == 3:
                os.kill(os.getpid(), signal.SIGKILL)

        SearchHook.score = kill
        torch.set_num_threads(1)
        search(load_config(config, QUICK), tmp_path / 'cut')

    assert forked(killed, tmp_path / 'log').code == -signal.SIGKILL
    assert len(lines(tmp_path / 'cut')) == 3 and not (tmp_path / 'cut/placement.json').exists()
    search(load_config(config, QUICK), tmp_path / 'cut', resume=True)
    assert lines(tmp_path / 'cut') == lines(tmp_path / 'whole')


def test_nothing_to_resume_starts_anew(config, tmp_path, capsys):
    assert search(load_config(config, QUICK), tmp_path / 'search', resume=True)['steps']
    assert 'there is no checkpoint yet. Starting anew' in capsys.readouterr().out


def test_a_search_and_a_training_do_not_go_on_with_each_others_checkpoints(config, tmp_path):
    search(load_config(config, QUICK), tmp_path / 'search')
    train(load_config(config), tmp_path / 'run')
    with pytest.raises(CheckpointError, match="a training's, which a search cannot go on from"):
        search(load_config(config, QUICK), tmp_path / 'again', resume=tmp_path / 'run/checkpoints/last')
    with pytest.raises(CheckpointError, match='is a checkpoint of another model'):
        train(load_config(config), tmp_path / 'run2', resume=tmp_path / 'search/checkpoints/last')


def test_arms_that_are_all_alike_are_said_to_be(config, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr('mmalm.search.rewards.Likelihood.measure', lambda *_: (0.5, 6.0))
    assert search(load_config(config, QUICK), tmp_path / 'search')['layers'] == [0]
    assert '4 arms are preferred alike: the one found is the first of them' in capsys.readouterr().out


def test_two_processes_learn_the_same_as_one(config, tmp_path):
    def searching(name, launcher):
        def function():
            torch.set_num_threads(1)
            with distributed.launch(launcher):
                options = {**QUICK, 'optim_wrapper.optimizer.lr': 1e-3}
                search(load_config(config, options), tmp_path / name)

        return function

    assert forked(searching('one', 'none'), tmp_path / 'log').code == 0
    ended = together([searching('two', 'pytorch')] * 2, tmp_path)
    assert [child.code for child in ended] == [0, 0], ended
    one, two = lines(tmp_path / 'one'), lines(tmp_path / 'two')
    assert [line['trained'] for line in one] == [line['trained'] for line in two]
    for first, second in zip(one, two, strict=True):
        assert second['rewards'] == pytest.approx(first['rewards'], abs=1e-2)
    assert two[-1]['probabilities'] == pytest.approx(one[-1]['probabilities'], abs=1e-2)


def test_nothing_but_training_media_are_looked_at(config, tmp_path, monkeypatch):
    from mmalm.datasets import StampsDataset

    splits, inner = [], StampsDataset.__init__

    @functools.wraps(inner)
    def noted(self, split, *arguments, **options):
        splits.append(split)
        inner(self, split, *arguments, **options)

    monkeypatch.setattr(StampsDataset, '__init__', noted)
    search(load_config(config, QUICK), tmp_path / 'search')
    assert set(splits) == {'train'}


def test_rewards_are_timed_without_a_trace(config, tmp_path):
    found = rewards_timed(load_config(config, QUICK), tmp_path / 'timed', repetitions=1)
    assert found['naive'] > 0 and not (tmp_path / 'timed').exists() and not (tmp_path / 'features').exists()


@pytest.mark.parametrize(
    ('options', 'said'),
    [
        ({'search.layers': [9]}, 'the language model has layers 0 to 3'),
        ({'search.batch_size': 500}, 'less than a batch of 500'),
        ({'search.searcher.type': 'KabAp'}, "Did you mean 'KabApp'"),
        ({'search.searcher.rate': -1.0}, 'search.searcher.rate'),
        ({'search.reward': 'scores'}, 'search.reward'),
        ({'search.share': 1.0}, 'search.share: must be less than 1'),
        ({'search': 3}, r'search: expected dict, found 3'),
        ({'search': {'epoch': 3}}, r"search: unknown argument 'epoch'. Did you mean 'epochs'"),
        ({'search.searcher.type': 'KabApp', 'search.searcher.draws': 1}, 'draws: must be greater than or equal to 2'),
        ({'search.searcher.arms': 2}, 'search.searcher.arms=2: the search gives it'),
        ({'metrics': []}, 'metrics: is missing'),
    ],
)
def test_mistakes(config, tmp_path, options, said):
    with pytest.raises(ConfigError, match=said):
        search(load_config(config, options), tmp_path / 'search')
    assert not (tmp_path / 'search').exists()


def test_a_config_that_waits_for_its_search(config, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config.write_text(config.read_text() + "placement = 'auto'\n")
    with pytest.raises(
        MissingDataError, match='work_dirs/dvp_placement/placement.json. Search one: python tools/search_pl'
    ):
        train(load_config(config), tmp_path / 'run')
    search(load_config(config, QUICK))
    assert train(load_config(config), tmp_path / 'run')['config']['placement']['layers']
