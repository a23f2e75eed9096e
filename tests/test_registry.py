"""Registries: usable before anything else is imported, and errors that say what to write instead."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from mmengine.registry import Registry as MMEngineRegistry

from mmalm import registry as registries
from mmalm.errors import ConfigError
from mmalm.registry import Registry, config_node

ROOT = Path(__file__).resolve().parent.parent
ALL = sorted(name for name, value in vars(registries).items() if isinstance(value, Registry) and value._locations)


@pytest.fixture
def parts() -> Registry:
    """A registry of its own with a leaf and a component that builds another inside itself."""
    parts = Registry('part')

    @parts.register_module()
    class Leaf:
        def __init__(self, size, depth=1, scale=None):
            self.size, self.depth, self.scale = size, depth, scale

    @parts.register_module()
    class Open:
        def __init__(self, name, **rest):
            self.name, self.rest = name, rest

    @parts.register_module()
    class Tree:
        def __init__(self, left, right=None):
            self.left = parts.build(left, key='left', size=7)
            self.right = parts.build(right, key='right') if right else None

    return parts


PROBE = """
import json, os, sys

# what takes long to import; nothing of mmalm or mmengine
import cv2, timm, torch
from transformers import Adafactor, AutoConfig, AutoModel, AutoModelForCausalLM, AutoTokenizer


def probe(name, component):
    from mmalm import registry
    from mmalm.errors import ConfigError

    assert {module for module in sys.modules if module.startswith('mmalm.')} == {'mmalm.registry', 'mmalm.errors', 'mmalm.faults'}
    found = getattr(registry, name)
    if component:
        return type(found.build(dict(type=component))).__module__
    try:
        found.build(dict(type='NoSuchThing'))
    except ConfigError:
        return [n for n, kind in found.module_dict.items() if kind.__module__.startswith('mmalm.')]


for name, component in json.loads(sys.argv[1]):
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            answer = probe(name, component)
        except BaseException as error:
            answer = f'{type(error).__name__}: {error}'
        os.write(writing, json.dumps(answer).encode())
        os._exit(0)
    os.close(writing)
    print(name, component or '', os.read(reading, 60000).decode(), sep='|')
    os.waitpid(child, 0)
"""


@pytest.fixture(scope='module')
def fresh() -> dict[tuple[str, str], object]:
    """What registries hold when each is the first thing a process uses, by (registry, component to build or '')."""
    asked = [(name, '') for name in ALL] + [('HOOKS', 'IterTimerHook')]
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c', PROBE, json.dumps(asked)], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    answers = (line.split('|', 2) for line in done.stdout.splitlines() if line.count('|') >= 2)
    return {(name, component): json.loads(answer) for name, component, answer in answers}


@pytest.mark.parametrize('name', ALL)
def test_usable_before_anything_else_is_imported(fresh, name):
    components = fresh[name, '']
    assert isinstance(components, list), components
    assert components, f'nothing of ours is registered in {name}'


def test_mmengine_components_are_found_as_well(fresh):
    assert fresh['HOOKS', 'IterTimerHook'] == 'mmengine.hooks.iter_timer_hook'


def test_a_parents_own_components_are_imported_on_first_use(tmp_path, monkeypatch):
    (tmp_path / 'parts_of_the_parent.py').write_text(
        'from mmengine.registry import Registry\n'
        "PARENT = Registry('part', scope='parent', locations=['parts_registered_late'])\n"
    )
    (tmp_path / 'parts_registered_late.py').write_text(
        'from parts_of_the_parent import PARENT\n\n\n@PARENT.register_module()\nclass Late: pass\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    child = Registry('part', parent=importlib.import_module('parts_of_the_parent').PARENT)
    assert child.names() == ['Late']
    assert type(child.build(dict(type='Late'))).__name__ == 'Late'


def test_mmengine_builds_our_components_under_our_scope():
    root = MMEngineRegistry('gadget', scope='mmengine')
    ours = Registry('gadget', parent=root)

    @ours.register_module()
    class Gadget:
        pass

    # what MMEngine's runner does with a hook or metric when default_scope='mmalm'
    assert isinstance(root.build(dict(type='Gadget', _scope_='mmalm')), Gadget)


def test_build_gives_the_component_with_its_arguments(parts):
    leaf = parts.build(dict(type='Leaf', size=3, depth=2))
    assert (leaf.size, leaf.depth, leaf.scale) == (3, 2, None)


def test_build_leaves_the_config_as_it_was(parts):
    config = dict(type='Leaf', size=3)
    parts.build(config, depth=5)
    assert config == dict(type='Leaf', size=3)


def test_context_fills_only_what_is_open_and_known(parts):
    leaf = parts.build(dict(type='Leaf', size=3), size=9, depth=4, colour='red')
    assert (leaf.size, leaf.depth) == (3, 4)
    assert parts.build(dict(type='Open', name='a', extra=1), size=9).rest == {'extra': 1}


def test_a_built_component_and_a_class_pass_through(parts):
    leaf = parts.build(dict(type='Leaf', size=3))
    assert parts.build(leaf) is leaf
    assert parts.build(dict(type=type(leaf), size=4)).size == 4


def test_an_unknown_type_names_registry_node_and_nearest(parts):
    with config_node('model'), pytest.raises(ConfigError) as caught:
        parts.build(dict(type='Leef', size=1), key='encoder')
    assert str(caught.value) == (
        "config node 'model.encoder': 'Leef' is not in the registry 'part'. Did you mean 'Leaf'?\n"
        'Registered: Leaf, Open, Tree.\n'
        'A component of your own must be imported first: list its module under custom_imports in the config.'
    )


def test_wrong_arguments_are_listed_together_with_the_signature(parts):
    with pytest.raises(ConfigError) as caught:
        parts.build(dict(type='Leaf', sise=1, dept=2), key='leaf')
    message = str(caught.value)
    assert "config node 'leaf': wrong arguments for Leaf (registry 'part')" in message
    assert "unknown argument 'sise'. Did you mean 'size'" in message
    assert "unknown argument 'dept'. Did you mean 'depth'?" in message
    assert 'Leaf(\n    size\n    depth=1\n    scale=None\n)' in message


def test_a_missing_argument_is_named(parts):
    with pytest.raises(ConfigError, match="missing a required argument: 'size'"):
        parts.build(dict(type='Leaf'))


def test_a_nested_fault_gives_the_whole_path(parts):
    with pytest.raises(ConfigError, match=r"config node 'model\.left\.right': wrong arguments for Leaf"):
        parts.build(
            dict(type='Tree', left=dict(type='Tree', left=dict(type='Leaf'), right=dict(type='Leaf', siz=1))),
            key='model',
        )


def test_the_path_is_left_again_after_a_fault(parts):
    with pytest.raises(ConfigError):
        parts.build(dict(type='Leaf'), key='model')
    with config_node('head') as path:
        assert path == 'head'


@pytest.mark.parametrize('kind', ['os.getcwd', 'mmalm.Leaf', 'builtins.eval'])
def test_a_dotted_type_is_refused(parts, kind):
    with pytest.raises(ConfigError, match='is not in the registry'):
        parts.build(dict(type=kind))


@pytest.mark.parametrize('config', [None, 'Leaf', 3, True, ['Leaf']])
def test_a_node_that_is_no_dict_is_refused(parts, config):
    with pytest.raises(ConfigError, match='expected a dict with a "type" from the registry \'part\', found'):
        parts.build(config)


@pytest.mark.parametrize('kind', [3, ['Leaf'], {'type': 'Leaf'}])
def test_a_type_that_is_neither_name_nor_class_is_refused(parts, kind):
    with pytest.raises(ConfigError, match='"type" is'):
        parts.build(dict(type=kind))


def test_a_missing_type_lists_what_there_is(parts):
    with pytest.raises(ConfigError, match='"type" is missing. Registered in \'part\': Leaf, Open, Tree.'):
        parts.build(dict(size=1))


def test_a_fault_inside_a_component_is_its_own(parts):
    @parts.register_module()
    class Broken:
        def __init__(self):
            raise TypeError('of its own')

    with pytest.raises(TypeError, match='of its own'):
        parts.build(dict(type='Broken'))
