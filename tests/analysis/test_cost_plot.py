"""FLOPs by part as a picture."""

from dataclasses import replace

import pytest
from PIL import Image
from tiny_costs import plain_costs

from mmalm.analysis.cost_plot import plot_costs
from mmalm.errors import ConfigError


def test_a_picture_in_the_parts_colours(tmp_path):
    named = {'opt': plain_costs(), 'llama': plain_costs('llama')}
    with Image.open(plot_costs(named, tmp_path / 'a.png')) as picture:
        assert picture.width > 1000
        colours = {colour for _, colour in picture.convert('RGB').getcolors(1 << 20)}
    assert {(0x00, 0x72, 0xB2), (0x56, 0xB4, 0xE9), (0xD5, 0x5E, 0x00)} <= colours


def test_names_and_what_a_model_does_not_do(tmp_path):
    costs = plain_costs()
    silent = replace(costs, tallies={'training': costs.tallies['training']})
    text = plot_costs({'one_name': costs, 'other': silent}, tmp_path / 'new' / 'a.svg').read_text()
    assert '<!-- one_name -->' in text and 'does not generate' in text and '<!-- LM from injection -->' in text


def test_another_ending(tmp_path):
    with pytest.raises(ConfigError, match='ends in one of .png'):
        plot_costs({'a': plain_costs()}, tmp_path / 'a.gif')
