"""Figures: which kind, and that what is drawn are the numbers of sweep.json."""

import numpy as np
import pytest
from sweep_standins import write_config

from mmalm.sweep import plot
from mmalm.sweep.grid import make_grid
from mmalm.sweep.report import collect
from mmalm.sweep.state import Standing, State


@pytest.fixture
def content_of(tmp_path):
    def make(options, configs=('one',), seeds=(0, 1), probe=0.5, failed=()):
        grid = make_grid([write_config(tmp_path / 'c', name) for name in configs], seeds, options)
        standings = {}
        for i, cell in enumerate(grid.cells):
            row = grid.rows.index(cell.row)
            results = {
                'metrics': {'val': {'right': 0.1 * row + 0.02 * cell.seed}},
                'baselines': {'val': {'Probe': {'right': probe if np.isscalar(probe) else probe[row]}}},
            }
            standings[cell.name] = Standing(State.FAILED) if i in failed else Standing(State.FINISHED, results=results)
        return collect(grid, standings, tmp_path, 'right', 'val')

    return make


@pytest.mark.parametrize(
    ('options', 'expected'),
    [
        ({}, None),
        ({'model.gain': [1, 2]}, 'model.gain'),
        ({'model.gain': [3]}, None),
        ({'model.name': ['a', 'b']}, None),
        ({'model.gain': [True, False]}, None),
        ({'model.gain': [1, None]}, None),
        ({'train_cfg.max_epochs': [1, 2], 'model.gain': [0.1, 0.2, 0.3]}, 'model.gain'),
    ],
)
def test_lines_over_numbers_else_bars(options, expected):
    assert plot.x_option({'options': options}) == expected


def test_bars(content_of):
    figure = plot.draw(content_of({'model.name': ['a', 'b', 'c']}, failed=(2,)))
    (axes,) = figure.axes
    assert [bar.get_height() for bar in axes.patches] == pytest.approx([0.01, 0.11, 0.22])
    assert [text.get_text() for text in axes.get_xticklabels()] == ['name=a', 'name=b', 'name=c']
    dots = np.concatenate([c.get_offsets() for c in axes.collections if hasattr(c, 'get_sizes') and len(c.get_sizes())])
    assert sorted(dots[:, 1].round(4)) == [0.0, 0.02, 0.1, 0.12, 0.22]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ['Probe']
    assert axes.get_ylabel() == 'right, validation split'
    assert axes.get_ylim()[0] <= 0


def test_lines(content_of):
    figure = plot.draw(content_of({'model.gain': [20, 1], 'model.name': ['a', 'b']}))
    (axes,) = figure.axes
    assert axes.get_xscale() == 'log' and axes.get_xlabel() == 'model.gain'
    drawn = {bars.get_label(): bars.lines[0].get_xydata().tolist() for bars in axes.containers}
    # rows are gain=20 a, gain=20 b, gain=1 a, gain=1 b; means over seeds are 0.01 above 0.1 a row
    assert drawn == {
        'name=a': [[1, pytest.approx(0.21)], [20, pytest.approx(0.01)]],
        'name=b': [[1, pytest.approx(0.31)], [20, pytest.approx(0.11)]],
    }
    # t(0.975, 1) = 12.706: half the interval of two numbers 0.02 apart
    assert axes.get_ylim()[1] > 0.31 + 12.706 * 0.01


def test_references_that_agree_are_one_line_through_the_figure(content_of):
    (axes,) = plot.draw(content_of({'model.name': ['a', 'b']}, probe=0.4)).axes
    lines = [line for line in axes.lines if line.get_label() == 'Probe']
    assert len(lines) == 1 and list(lines[0].get_ydata()) == [0.4, 0.4] and list(lines[0].get_xdata()) == [0, 1]


def test_references_that_differ_are_drawn_row_by_row(content_of):
    (axes,) = plot.draw(content_of({'model.name': ['a', 'b']}, probe=(0.4, 0.7))).axes
    dashed = [list(line.get_ydata()) for line in axes.lines if line.get_linestyle() == '--']
    assert [pytest.approx(y) for y in ([], [0.4, 0.4], [0.7, 0.7])] == dashed


def test_nothing_to_draw_yet(content_of, tmp_path):
    content = content_of({}, seeds=(0,), failed=(0,))
    assert [file.name for file in plot.save(content, tmp_path / 'empty')] == ['empty.png', 'empty.svg']


def test_the_same_sweep_gives_the_same_files(content_of, tmp_path):
    content = content_of({'model.gain': [1, 2]})
    first, second = (plot.save(content, tmp_path / name) for name in ('a', 'b'))
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()
    assert first[0].read_bytes().startswith(b'\x89PNG') and b'<svg' in first[1].read_bytes()
    assert sorted(file.name for file in tmp_path.iterdir() if file.is_file()) == ['a.png', 'a.svg', 'b.png', 'b.svg']
