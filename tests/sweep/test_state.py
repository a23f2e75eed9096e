"""Where a cell stands, from what lies in its folder."""

import json

import pytest
from mmengine.config import Config

from mmalm.sweep.folder import prepare
from mmalm.sweep.state import State, changes, json_of, standing

CONFIG = dict(model=dict(type='A', width=(4, 4), lr=1e-3), seed=3)


@pytest.fixture
def config():
    return Config(json_of(Config(CONFIG)))


def write(folder, name, content):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))


def results(config, **more):
    return {'config': json_of(config), 'checkpoint': {'name': 'best', 'epoch': 2, 'step': 6}, **more}


def test_nothing_there(tmp_path, config):
    assert standing(tmp_path / 'x', config).state == State.NEW
    assert standing(tmp_path, config).state == State.NEW


def test_half_done(tmp_path, config):
    prepare(tmp_path / 'cell', Config(CONFIG))
    assert standing(tmp_path / 'cell', config).state == State.HALF


def test_finished(tmp_path, config):
    write(tmp_path, 'results.json', results(config, metrics={'val': {}}))
    found = standing(tmp_path, config)
    assert found.state == State.FINISHED and found.results['metrics'] == {'val': {}}


def test_finished_with_another_config(tmp_path, config):
    write(tmp_path, 'results.json', results(config))
    config.model.lr = 0.1
    config.seed = 4
    found = standing(tmp_path, config)
    assert (found.state, found.results) == (State.STALE, None)
    assert found.why == 'finished with another config: model.lr: 0.001, now 0.1; seed: 3, now 4'


def test_begun_with_another_config(tmp_path, config):
    prepare(tmp_path / 'cell', config)
    config.model.pop('lr')
    config.metrics = []
    found = standing(tmp_path / 'cell', config)
    assert found.state == State.STALE
    assert found.why == 'begun with another config: model.lr: no longer there; metrics: new'


@pytest.mark.parametrize(
    ('name', 'content', 'why'),
    [('notes.txt', 'mine', 'there is no cell.py in it'), ('cell.py', 'model = dict(', 'its config cannot be read')],
)
def test_a_folder_of_something_else(tmp_path, config, name, content, why):
    write(tmp_path, name, content)
    found = standing(tmp_path, config)
    assert found.state == State.STALE and why in found.why


def test_a_failure_while_training(tmp_path, config):
    prepare(tmp_path / 'cell', config)
    write(tmp_path / 'cell', 'failed.json', {'why': 'no memory left', 'stage': 'train'})
    found = standing(tmp_path / 'cell', config)
    assert (found.state, found.why, found.results) == (State.FAILED, 'no memory left', None)
    # beginning again forgets it
    prepare(tmp_path / 'cell', config)
    assert standing(tmp_path / 'cell', config).state == State.HALF


def test_a_failure_while_testing_counts_when_testing(tmp_path, config):
    write(tmp_path, 'results.json', results(config))
    write(tmp_path, 'failed.json', {'why': 'no pictures', 'stage': 'test'})
    assert standing(tmp_path, config).state == State.FINISHED
    found = standing(tmp_path, config, testing=True)
    assert found.state == State.FAILED and found.results is not None


@pytest.mark.parametrize(('step', 'taken'), [(6, True), (4, False)])
def test_test_scores_are_those_of_the_chosen_checkpoint(tmp_path, config, step, taken):
    write(tmp_path, 'results.json', results(config))
    scored = {'config': json_of(config), 'checkpoint': {'folder': 'f', 'epoch': 2, 'step': step}}
    write(tmp_path, 'test.json', scored)
    assert (standing(tmp_path, config).test is not None) == taken


def test_changes_in_words():
    old = {'a': [1, {'b': 2.0}], 'c': float('nan'), 'd': 'x' * 99, 'e': [1], 'f': 1}
    new = {'a': [1, {'b': 2.5}], 'c': float('nan'), 'd': None, 'e': [1, 2], 'g': 2}
    assert changes(old, new) == [
        'a.1.b: 2.0, now 2.5',
        f"d: '{'x' * 36}..., now None",
        'e: [1], now [1, 2]',
        'f: no longer there',
        'g: new',
    ]
