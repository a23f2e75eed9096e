"""Names of cells' folders."""

from pathlib import Path

import pytest

from mmalm.sweep.names import LONGEST, folder_name, short_keys, value_text

CONFIG = Path('configs/epalm/vqa.py')


def test_readable_and_in_alphabetical_order():
    options = {'model.schedule.start': 12, 'lr': 1e-3, 'tasks': ['kind', 'name']}
    name = 'epalm/vqa/lr=0.001,model.schedule.start=12,tasks=[kind,name]'
    assert folder_name(CONFIG, options) == name
    assert folder_name(CONFIG, dict(reversed(options.items()))) == name
    assert folder_name(CONFIG, {}) == 'epalm/vqa'


def test_what_no_folder_should_hold_is_told_apart_by_a_checksum():
    names = [folder_name(CONFIG, {'model': value}) for value in ('zoo:vit', 'zoo/vit', 'zoo vit', 'ä', '../..')]
    assert names[0].startswith('epalm/vqa/model=zoo_vit~')
    assert len(set(names)) == 5
    assert all(name.count('/') == 2 and '..~' not in name for name in names)


def test_long_names_are_cut_and_told_apart():
    names = {folder_name(CONFIG, {'text': 'x' * 300 + end}) for end in 'ab'}
    assert len(names) == 2 and max(map(len, names)) < LONGEST + 20


@pytest.mark.parametrize(
    ('value', 'text'),
    [(True, 'True'), ('True', "'True'"), ('none', "'none'"), (None, 'None'), (1, '1'), ('1', "'1'"), (1.0, '1.0')]
    + [('a b', "'a b'"), ('a', 'a'), ((1, 'b'), '(1,b)'), ([1], '[1]')],
)
def test_values_of_different_types_read_differently(value, text):
    assert value_text(value) == text


def test_short_keys():
    keys = ['a.b.lr', 'a.c.lr', 'lr', 'x.start']
    assert short_keys(keys) == {'a.b.lr': 'b.lr', 'a.c.lr': 'c.lr', 'lr': 'lr', 'x.start': 'start'}
