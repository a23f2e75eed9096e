"""The house stands as it is drawn: each floor imports only what lies below it, and every module imports by itself."""

import ast
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / 'mmalm'

# rooms by floor, from the ground up; the ground is what every room stands on
FLOORS = (
    ('', 'errors', 'atomic', 'faults', 'keys'),
    ('registry', 'attention', 'hub', 'padding', 'shrinking', 'values', 'zoo'),
    ('encoders', 'connectors', 'injection', 'tuning', 'heads', 'losses', 'metrics', 'datasets', 'config', 'nodes'),
    ('lms', 'engine', 'analysis', 'pages', 'validation'),
    ('models', 'inference', 'parity', 'conversion', 'sweep', 'preparation'),
    ('search',),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

# doors between rooms of one floor: a room may use a neighbour's data type or function, in one direction only
DOORS = {
    ('analysis', 'engine'),  # costs are counted in the number formats that training has
    ('config', 'nodes'),  # a config is read with the options of the command line
    ('connectors', 'encoders'),  # a Perception is what a connector is given
    ('datasets', 'encoders'),  # pictures are prepared as the encoder wants them, and its features cached
    ('datasets', 'metrics'),  # answers are weighed and handed in as their evaluation normalises and scores them
    ('heads', 'injection'),  # what a model injects passes through its head
    ('heads', 'datasets'),  # the classes of a classifier are a data set's answers
    ('heads', 'losses'),
    ('engine', 'validation'),  # every run begins with a check of its whole config
    ('faults', 'errors'),  # what is wrong, and where
    ('engine', 'pages'),  # every test writes its page
    ('tuning', 'injection'),  # a soft prompt is made as the injector takes it
    ('hub', 'zoo'),  # a model that cannot be had is answered with the closest names known
}

MODULES = sorted(PACKAGE.rglob('*.py'))
TOOLS = sorted((ROOT / 'tools').glob('*.py'))


def module_name(file: Path) -> str:
    """'mmalm.encoders.base' for mmalm/encoders/base.py; a package's own name for its __init__.py."""
    parts = file.relative_to(ROOT).with_suffix('').parts
    return '.'.join(parts[:-1] if parts[-1] == '__init__' else parts)


def imported(source: str, package: str) -> set[str]:
    """Full names of all modules a source imports, at the top, inside functions and for types alike."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split('.')[: len(package.split('.')) - node.level + 1] if node.level else []
            base = '.'.join([*above, *filter(None, [node.module])])
            # `from . import zoo` names a room in what is imported, `from .zoo import resolve` in where from
            names |= {f'{base}.{alias.name}' for alias in node.names} if base == 'mmalm' else {base}
    return names


def rooms(names: set[str]) -> set[str]:
    """Rooms of the house among module names; '' is the package itself."""
    inside = [name.split('.') for name in names if name.split('.')[0] == 'mmalm']
    found = {parts[1] if len(parts) > 1 else '' for parts in inside}
    return {'' if room.startswith('__') else room for room in found}


def room_of(file: Path) -> str:
    inside = file.relative_to(PACKAGE).with_suffix('').parts
    return '' if inside == ('__init__',) else inside[0]


def rooms_used(file: Path) -> set[str]:
    name = module_name(file)
    package = name if file.name == '__init__.py' else name.rpartition('.')[0]
    return rooms(imported(file.read_text(encoding='utf-8'), package)) - {room_of(file)}


def relative(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize('file', MODULES, ids=relative)
def test_a_module_imports_only_floors_below(file):
    here = room_of(file)
    assert here in FLOOR_OF, f'{relative(file)}: no floor is set down for the room {here!r}'
    for room in rooms_used(file):
        assert room in FLOOR_OF, f'{relative(file)} imports {room!r}, for which no floor is set down'
        below = FLOOR_OF[room] < FLOOR_OF[here]
        assert below or (here, room) in DOORS, (
            f'{relative(file)} (floor {FLOOR_OF[here]}) imports {room!r} of floor {FLOOR_OF[room]}'
        )


def test_doors_lead_one_way_and_are_all_used():
    used = {(room_of(file), room) for file in MODULES for room in rooms_used(file)}
    assert used >= DOORS
    assert not {(b, a) for a, b in DOORS} & used


@pytest.mark.parametrize('file', MODULES, ids=relative)
def test_every_module_imports(file):
    importlib.import_module(module_name(file))


@pytest.mark.parametrize('file', TOOLS, ids=relative)
def test_a_tool_imports_no_other_tool(file):
    names = imported(file.read_text(encoding='utf-8'), 'tools')
    # what they share has a name that starts with an underscore
    others = {tool.stem for tool in TOOLS if not tool.stem.startswith('_')} | {'tools'}
    assert not {name.split('.')[0] for name in names} & others


@pytest.mark.parametrize(
    ('source', 'package', 'expected'),
    [
        ('from ..zoo import resolve', 'mmalm.encoders', {'zoo'}),
        ('from .. import zoo', 'mmalm.encoders', {'zoo'}),
        ('from ...registry import X', 'mmalm.injection.schedules', {'registry'}),
        ('import mmalm.engine.loops, torch', 'mmalm.zoo', {'engine'}),
        ('def f():\n    from mmalm.models import M', 'mmalm.zoo', {'models'}),
        ('from . import __version__', 'mmalm', {''}),
        ('import mmengine', 'mmalm', set()),
    ],
)
def test_imports_are_read_rightly(source, package, expected):
    assert rooms(imported(source, package)) == expected
