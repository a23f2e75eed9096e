"""What sweep.json holds and what the tables show, numbers worked out by hand."""

import json

import pytest
from sweep_standins import grid_of, write_config

from mmalm.errors import ConfigError
from mmalm.sweep.grid import make_grid
from mmalm.sweep.report import choose_metric, collect
from mmalm.sweep.state import Standing, State, json_of
from mmalm.sweep.table import tables


def results(cell, score, **more):
    return {
        'metrics': {'val': {'right': score, 'left': 1 - score}},
        'baselines': {'val': {'Majority': {'right': 0.125}}},
        'controls': {'val': {'shuffled_media': {'right': score / 2}}},
        'trainable': {'trainable': 1234, 'total': 5000},
        'wall_seconds': 60 + cell.seed,
        'step_seconds': 0.5 + cell.seed / 4,
        'commit': 'abc',
        'hardware': {'cores': 2},
        'config': json_of(cell.config),
        **more,
    }


def content_of(tmp_path, scores, split='val', metric='right', **more):
    """A sweep of gain=1 and gain=2 whose cells have these scores by row and seed; None is a failed cell."""
    grid = grid_of(tmp_path, gain=[1, 2])
    standings = {}
    for cell in grid.cells:
        score = scores[cell.row.options['model.gain'] - 1][cell.seed]
        found = Standing(State.FAILED, 'no memory left', failure={'stage': 'train'})
        if score is not None:
            found = Standing(State.FINISHED, results=results(cell, score, **more.get(cell.name, {})))
        standings[cell.name] = found
    return collect(grid, standings, tmp_path, metric, split)


@pytest.fixture
def content(tmp_path):
    return content_of(tmp_path, ([0.2, 0.4, 0.6], [0.3, 0.4, None]))


def test_summary_of_a_row(content):
    first, second = content['summary']
    assert first['scores']['right'] == {
        'n': 3,
        'mean': pytest.approx(0.4),
        'std': pytest.approx(0.2),
        'interval': pytest.approx([-0.0968275, 0.8968275], abs=1e-6),
    }
    assert first['controls']['shuffled_media']['right']['mean'] == pytest.approx(0.2)
    assert first['baselines']['Majority']['right']['interval'] == pytest.approx([0.125, 0.125])
    assert (first['trainable'], first['seconds'], first['missing']) == ([1234], pytest.approx(61), [])
    assert (second['scores']['right']['n'], second['missing']) == (2, [2])


def test_comparison_is_over_pairs(content):
    (comparison,) = content['comparisons']
    assert comparison['against'] == content['summary'][0]['row']
    # 0.1 and 0.0 over the two seeds both have; t(0.975, 1) = 12.706205, std 0.1 / sqrt 2
    score = comparison['scores']['right']
    assert score['n'] == 2 and score['mean'] == pytest.approx(0.05)
    assert score['by_seed'] == {'0': pytest.approx(0.1), '1': pytest.approx(0.0)}
    half = 12.706205 * 0.1 / 2
    assert score['interval'] == pytest.approx([0.05 - half, 0.05 + half], rel=1e-6)


def test_the_tables(content):
    scores, differences = tables(content)
    assert scores.title == 'right, validation split: mean ± half of the 95 % t interval over seeds'
    assert scores.header == ['', 'n', 'right', 'std', 'shuffled_media', 'Majority', 'trained', 'step', 'time']
    assert scores.rows == [
        ['gain=1', '3/3', '0.4000 ± 0.4968', '0.2000', '0.2000', '0.1250', '1,234', '0.75 s', '1:01'],
        ['gain=2', '2/3', '0.3500 ± 0.6353', '0.0707', '0.1750', '0.1250', '1,234', '0.62 s', '1:00'],
    ]
    assert differences.title.startswith('Difference to gain=1')
    assert differences.rows == [['gain=2', '2/3', '+0.0500 ± 0.6353', '+0.1000', '+0.0000', '-']]
    lines = scores.markdown().splitlines()
    assert lines[3] == '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |'
    assert lines[4] == '| gain=1 | 3/3 | 0.4000 ± 0.4968 | 0.2000 | 0.2000 | 0.1250 | 1,234 | 0.75 s | 1:01 |'


def test_json_schema(content):
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    assert set(content) == {
        *('version', 'metric', 'split', 'confidence', 'configs', 'options', 'seeds', 'cells', 'summary', 'comparisons'),
        'notes',
    }
    assert (content['options'], content['seeds']) == ({'model.gain': [1, 2]}, [0, 1, 2])
    cell = content['cells'][1]
    assert cell['scores'] == {'val': {'right': 0.3, 'left': 0.7}}
    assert {key: cell[key] for key in ('options', 'seed', 'state', 'seconds', 'trainable', 'parameters', 'commit')} == {
        'options': {'model.gain': 2},
        'seed': 0,
        'state': 'finished',
        'seconds': 60,
        'trainable': 1234,
        'parameters': 5000,
        'commit': 'abc',
    }
    failed = content['cells'][5]
    assert (failed['state'], failed['scores'], failed['failure']) == ('failed', {}, {'stage': 'train'})


def test_notes_name_what_is_missing(content):
    missing, retry = content['notes']
    assert missing == (
        '1 of 6 cells have no score; means are over those that have:\n  gain=2 seed 2: failed, no memory left'
    )
    assert '--retry-failed' in retry


def test_a_whole_sweep_has_no_notes(tmp_path):
    assert content_of(tmp_path, ([0.1] * 3, [0.2] * 3))['notes'] == []


def test_nothing_has_run_yet(tmp_path):
    content = content_of(tmp_path, ([None] * 3, [None] * 3))
    scores, differences = tables(content)
    assert scores.rows[0] == ['gain=1', '0/3', '-', '-', '-', '-', '-']
    assert differences.rows == [['gain=2', '0/3', '-', '-', '-', '-']]


def test_a_score_that_is_not_there(tmp_path):
    content = content_of(tmp_path, ([0.1] * 3, [0.2] * 3), metric='rihgt')
    assert content['notes'] == ["No score 'rihgt' in 6 cells. Did you mean 'right'? Scores: right, left."]
    assert tables(content)[0].rows[0][1:3] == ['0/3', '-']


def test_cells_of_different_code_are_said(tmp_path):
    content = content_of(
        tmp_path, ([0.1] * 3, [0.2] * 3), **{'configs/stand/model.gain=1/seed1': {'commit': 'def+changes'}}
    )
    assert content['notes'] == ['The cells were run on 2 different commits; sweep.json names them.']


def test_which_score_is_compared(tmp_path):
    files = [write_config(tmp_path / 'c', 'one'), write_config(tmp_path / 'c', 'two')]
    assert choose_metric(make_grid(files, (0,), {}), None) == 'right'
    assert choose_metric(make_grid(files, (0,), {}), 'left') == 'left'
    files[1].write_text(files[1].read_text().replace("best='right'", "best='left'"))
    with pytest.raises(ConfigError, match="best of the configs is 'left', 'right'. Name one with --metric"):
        choose_metric(make_grid(files, (0,), {}), None)
