"""What is installed: declared requirements, the pinned set, and what a package holds."""

import ast
import runpy
import sys
from pathlib import Path

import pytest
import setuptools
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
RANGES = ('runtime', 'xformers', 'test', 'dev')
# what figures in tests/data were recorded from; nothing needs it but recording them again
RECORDING = {'pycocoevalcap'}

# modules whose distribution has another name
DISTRIBUTIONS = {'PIL': 'pillow', 'cv2': 'opencv-python-headless', 'sklearn': 'scikit-learn'}
# our own: the package, what tools share, what tests share
OWN = {'mmalm', *(file.stem for folder in ('tools', 'tests') for file in (ROOT / folder).glob('*.py')), 'projects'}


def requirements(name: str) -> list[Requirement]:
    lines = (ROOT / 'requirements' / f'{name}.txt').read_text(encoding='utf-8').splitlines()
    return [Requirement(line) for line in lines if line.strip() and not line.startswith('#')]


def locked() -> dict[str, str]:
    """Versions of the pinned set that hold on this machine, by canonical name."""
    return {
        canonicalize_name(pin.name): next(iter(pin.specifier)).version
        for pin in requirements('lock')
        if pin.marker is None or pin.marker.evaluate()
    }


@pytest.fixture(scope='module')
def metadata() -> dict:
    """What setup.py hands to setuptools."""
    handed = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(setuptools, 'setup', lambda **arguments: handed.update(arguments))
        patch.chdir(ROOT)
        runpy.run_path(str(ROOT / 'setup.py'))
    return handed


def imported(*folders: str) -> dict[str, str]:
    """Third-party modules that files in these folders import, each with one file that does."""
    found = {}
    for file in (file for folder in folders for file in sorted((ROOT / folder).rglob('*.py'))):
        for node in ast.walk(ast.parse(file.read_text(encoding='utf-8'))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            for name in (name.split('.')[0] for name in names):
                if name not in sys.stdlib_module_names and name not in OWN:
                    found[name] = str(file.relative_to(ROOT))
    return found


def undeclared(modules: dict[str, str], *names: str) -> dict[str, str]:
    declared = {canonicalize_name(requirement.name) for name in names for requirement in requirements(name)}
    return {m: file for m, file in modules.items() if canonicalize_name(DISTRIBUTIONS.get(m, m)) not in declared}


def test_the_lock_pins_exactly_and_names_no_index():
    for line in (ROOT / 'requirements' / 'lock.txt').read_text(encoding='utf-8').splitlines():
        if not line.startswith('#'):
            (specifier,) = Requirement(line).specifier
            assert specifier.operator == '==', line
            assert '*' not in specifier.version, line
        assert '://' not in line
        assert not line.startswith('-')


@pytest.mark.parametrize('name', RANGES)
def test_the_lock_satisfies_every_range(name):
    pins = locked()
    for requirement in requirements(name):
        if requirement.marker is None or requirement.marker.evaluate():
            version = pins[canonicalize_name(requirement.name)]
            assert requirement.specifier.contains(version), f'{requirement} but the lock has {version}'


def test_the_lock_leaves_out_the_opencv_that_needs_a_display():
    assert 'opencv-python' not in locked()
    assert 'opencv-python-headless' in locked()


def test_setup_reads_every_range_from_the_requirements(metadata):
    assert metadata['install_requires'] == [str(line) for line in _lines('runtime')]
    assert metadata['extras_require']['xformers'] == _lines('xformers')
    assert set(metadata['extras_require']) == {*RANGES, 'all'} - {'runtime'}
    assert set(metadata['extras_require']['all']) == {line for name in RANGES[1:] for line in _lines(name)}


def _lines(name: str) -> list[str]:
    text = (ROOT / 'requirements' / f'{name}.txt').read_text(encoding='utf-8')
    return [line for line in text.splitlines() if line and not line.startswith('#')]


def test_setup_needs_nothing_that_is_not_there_yet():
    tree = ast.parse((ROOT / 'setup.py').read_text(encoding='utf-8'))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert modules == {'re', 'pathlib', 'setuptools'}


def test_the_version_is_the_packages_own(metadata):
    import mmalm

    assert metadata['version'] == mmalm.__version__


def test_every_folder_of_the_package_is_installed(metadata):
    folders = {file.parent for file in (ROOT / 'mmalm').rglob('*.py')}
    assert set(metadata['packages']) == {'.'.join(folder.relative_to(ROOT).parts) for folder in folders}


def test_every_data_file_of_the_package_is_installed(metadata):
    covered = set()
    for package, patterns in metadata['package_data'].items():
        for pattern in patterns:
            covered |= set(ROOT.joinpath(*package.split('.')).glob(pattern))
    data = {file for file in (ROOT / 'mmalm').rglob('*') if file.is_file() and file.suffix not in ('.py', '.pyc')}
    assert data, 'the architectures of the zoo ship with the package'
    assert data <= covered


def test_what_the_package_and_tools_import_is_declared():
    assert not undeclared(imported('mmalm', 'tools'), 'runtime', 'xformers')


def test_what_tests_and_figures_import_is_declared():
    assert undeclared(imported('tests', 'docs'), *RANGES).keys() <= RECORDING
