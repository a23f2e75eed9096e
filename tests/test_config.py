"""Text configs: inheritance, and errors that name the file, the key and what to write instead."""

import json
import os
import sys
from pathlib import Path

import pytest

from mmalm.config import ABSENT, differences, load_config, plain
from mmalm.errors import ConfigError, MissingDataError


@pytest.fixture
def write(tmp_path):
    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding='utf-8')
        return path

    return write


@pytest.fixture
def child(write) -> Path:
    write('base.py', "model = dict(type='A', width=8, levels=[1, 2])\nseed = 1\n")
    return write('child.py', "_base_ = './base.py'\nmodel = dict(width=16)\nsteps = [dict(lr=0.1), dict(lr=0.2)]\n")


def test_a_config_inherits_from_its_base(child):
    config = load_config(child)
    assert config.model.to_dict() == {'type': 'A', 'width': 16, 'levels': [1, 2]}
    assert config.seed == 1


def test_imports_are_for_computing_values_alone(write, child):
    text = """
import math, os
from collections import OrderedDict
from math import sqrt
_base_ = './child.py'
def double(x):
    return 2 * x
width = double(int(math.sqrt(sqrt(16))))
home = os.sep
"""
    config = load_config(write('computing.py', text))
    assert config.to_dict() == {**load_config(child).to_dict(), 'width': 4, 'home': os.sep}


@pytest.mark.parametrize(
    ('text', 'reason'),
    [
        ('import nosuch\n', "ModuleNotFoundError: No module named 'nosuch'"),
        (
            'from mmengine.config import read_base\nwith read_base():\n    from .base import *\n',
            "read_base() is not known here; inherit by _base_ = ['FILE', ..].",
        ),
    ],
)
def test_imports_that_cannot_be(write, child, text, reason):
    path = write('importing.py', text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert str(caught.value) == f'{path} cannot be read as a config: {reason}'


def test_delete_replaces_instead_of_merging(write, child):
    path = write('other.py', "_base_ = './child.py'\nmodel = dict(_delete_=True, type='B')\n")
    assert load_config(path).model.to_dict() == {'type': 'B'}


def test_options_replace_values_however_deep(child):
    config = load_config(child, {'model.width': 32, 'steps.1.lr': 0.5, 'seed': 7})
    assert (config.model.width, config.steps[1].lr, config.seed) == (32, 0.5, 7)
    assert config.steps[0].lr == 0.1


@pytest.mark.parametrize(
    ('option', 'message'),
    [
        ('sead', "no key 'sead' in the config. Did you mean 'seed'"),
        ('model.widht', "no key 'widht' in model. Did you mean 'width'? Keys of model: levels, type, width."),
        ('model.width.deeper', "no key 'deeper' in model.width."),
        ('steps.2.lr', "no key '2' in steps."),
    ],
)
def test_an_option_must_exist_in_the_config(child, option, message):
    with pytest.raises(ConfigError) as caught:
        load_config(child, {option: 1})
    assert f'--cfg-options {option}: ' in str(caught.value)
    assert message in str(caught.value)


def test_a_missing_file_names_the_nearest(write, tmp_path):
    write('epalm_vqa.py', 'seed = 1\n')
    with pytest.raises(MissingDataError, match=r"No config file '.*epalm_vqqa.py'. Did you mean '.*epalm_vqa.py'\?"):
        load_config(tmp_path / 'epalm_vqqa.py')
    with pytest.raises(MissingDataError, match='No config file'):
        load_config(tmp_path / 'no' / 'such' / 'folder.py')


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('model = dict(\n', 'SyntaxError'),
        ("_base_ = './absent.py'\n", 'absent.py'),
        ('width = 1 / 0\n', 'ZeroDivisionError'),
        ("custom_imports = dict(imports=['no_such_module'], allow_failed_imports=False)\n", 'no_such_module'),
    ],
)
def test_a_config_that_cannot_be_read_says_which_and_why(write, text, message):
    path = write('broken.py', text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert str(path) in str(caught.value)
    assert message in str(caught.value)


def test_custom_imports_register_a_component_of_ones_own(write, tmp_path, monkeypatch):
    from mmalm.registry import CONNECTORS

    write(
        'components_of_my_own.py',
        'from mmalm.registry import CONNECTORS\n\n\n'
        '@CONNECTORS.register_module()\nclass OneOfMyOwn:\n    def __init__(self, width): self.width = width\n',
    )
    path = write(
        'mine.py',
        "custom_imports = dict(imports=['components_of_my_own'])\nconnector = dict(type='OneOfMyOwn', width=3)\n",
    )
    monkeypatch.syspath_prepend(tmp_path)
    try:
        assert CONNECTORS.build(load_config(path).connector).width == 3
    finally:
        CONNECTORS.module_dict.pop('OneOfMyOwn', None)
        sys.modules.pop('components_of_my_own', None)


def test_plain_is_what_json_takes(child):
    node = plain(load_config(child))
    assert json.loads(json.dumps(node)) == node
    assert node['model'] == {'type': 'A', 'width': 16, 'levels': [1, 2]}
    assert plain({1: (Path('a'), None, True)}) == {'1': ['a', None, True]}


def test_differences_by_path():
    one = {'a': {'b': 1, 'c': [1, {'x': 2}]}, 'd': 2, 'n': float('nan'), 'l': [1]}
    other = {'a': {'b': 1, 'c': [1, {'x': 3}]}, 'e': None, 'n': float('nan'), 'l': [1, 2]}
    assert differences(one, one) == []
    assert differences(one, other) == [
        ('a.c.1.x', 2, 3),
        ('d', 2, ABSENT),
        ('l', [1], [1, 2]),
        ('e', ABSENT, None),
    ]
