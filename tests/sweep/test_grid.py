"""The cells of a grid and their configs."""

import pytest
from sweep_standins import grid_of, write_config

from mmalm.errors import ConfigError, MissingDataError
from mmalm.sweep.grid import make_grid


def test_every_combination_in_order(tmp_path):
    grid = grid_of(tmp_path, seeds=(4, 0), gain=[1, 2], name=['a', 'b c'])
    combinations = [(1, 'a'), (1, 'b c'), (2, 'a'), (2, 'b c')]
    assert [tuple(row.options.values()) for row in grid.rows] == combinations
    assert [row.label for row in grid.rows] == [
        'gain=1 name=a',
        "gain=1 name='b c'",
        'gain=2 name=a',
        "gain=2 name='b c'",
    ]
    # every row with the first seed before any with the second
    assert [cell.seed for cell in grid.cells] == [4] * 4 + [0] * 4
    assert [cell.row for cell in grid.cells] == list(grid.rows) * 2
    for cell, (gain, name) in zip(grid.cells, combinations * 2, strict=True):
        assert (cell.config.model.gain, cell.config.model.name, cell.config.seed) == (gain, name, cell.seed)
        assert cell.config.model.width == (4, 4)
    assert [cell.seed for cell in grid.cells_of(grid.rows[2])] == [4, 0]


def test_configs_side_by_side(tmp_path):
    files = [write_config(tmp_path / folder, name) for folder, name in (('a', 'x'), ('b', 'x'), ('b', 'y'))]
    grid = make_grid(files, (0,), {'model.gain': [1, 2], 'train_cfg.max_epochs': [3]})
    assert [row.label for row in grid.rows] == [f'{stem} gain={gain}' for stem in ('x', 'x', 'y') for gain in (1, 2)]
    assert len({cell.name for cell in grid.cells}) == 6
    assert grid.cells[0].name == 'a/x/model.gain=1,train_cfg.max_epochs=3/seed0'


def test_without_options(tmp_path):
    (row,) = grid_of(tmp_path, seeds=(1,)).rows
    assert (row.name, row.label) == ('configs/stand', 'stand')


def test_faults_of_all_options_and_configs_come_together(tmp_path):
    files = [write_config(tmp_path / 'c', 'one'), write_config(tmp_path / 'c', 'two', text='extra = 1')]
    with pytest.raises(ConfigError) as caught:
        make_grid(files, (0,), {'model.gian': [1], 'train_cfg.max_epoch': [2], 'extra': [1], 'model.gain': [1]})
    lines = str(caught.value).splitlines()
    assert len(lines) == 5
    assert f"{files[0]}: --options model.gian: no key 'gian' in model. Did you mean 'gain'?" in lines[0]
    assert "Did you mean 'max_epochs'?" in lines[1]
    assert str(files[0]) in lines[2] and 'extra' in lines[2]
    assert all(str(files[1]) in line for line in lines[3:])


@pytest.mark.parametrize(
    ('names', 'seeds', 'message'),
    [
        (['a/x', 'a/x'], (0,), 'The config .*x.py is given twice'),
        (['a/x'], (1, 1), 'The seed 1 is given twice'),
        (['a/x'], (-1,), '--seeds -1: a seed is a whole number'),
        (['a/x'], (), 'at least one config and one seed'),
        (['p/a/x', 'q/a/x'], (0,), 'would write to the same folder, a/x'),
    ],
)
def test_mistakes(tmp_path, names, seeds, message):
    files = [write_config(tmp_path / name.rpartition('/')[0], name.rpartition('/')[2]) for name in names]
    with pytest.raises(ConfigError, match=message):
        make_grid(files, seeds, {})


def test_a_config_that_is_not_there(tmp_path):
    write_config(tmp_path, 'stand')
    with pytest.raises(MissingDataError, match="Did you mean '.*stand.py'"):
        make_grid([tmp_path / 'stant.py'], (0,), {})
