"""The injector's hooks depend on how transformers' models call their parts: the oldest and the newest supported version pass.

Each version gets an environment of its own, made from the pinned set with that one package replaced.
"""

import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
# what touches the other package's code
TRANSFORMERS = ('lms', 'injection', 'encoders', 'models', 'heads', 'parity')
MMENGINE = ('engine', 'metrics', 'test_config.py', 'test_registry.py', 'nodes')


def oldest(package: str) -> str:
    """``package==X``, X being the lower bound that requirements/runtime.txt states."""
    for line in (ROOT / 'requirements' / 'runtime.txt').read_text(encoding='utf-8').splitlines():
        if line.startswith(package):
            return f'{package}=={next(s.version for s in Requirement(line).specifier if s.operator == ">=")}'
    raise AssertionError(f'requirements/runtime.txt states no {package}')


def run(command: list, **options) -> str:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=ROOT, **options)
    assert done.returncode == 0, f'{command}\n{done.stdout[-4000:]}\n{done.stderr[-2000:]}'
    return done.stdout


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.parametrize(
    ('package', 'tests'),
    [
        pytest.param(oldest('transformers'), TRANSFORMERS, id='oldest-transformers'),
        pytest.param('transformers<6', TRANSFORMERS, id='newest-transformers'),
        pytest.param('mmengine==0.11.0rc3', MMENGINE, id='mmengine-pre-release'),
    ],
)
def test_other_versions_pass(tmp_path, package, tests):
    setup = [sys.executable, ROOT / 'tools' / 'setup_env.py', '--venv', tmp_path / 'venv', '--packages-only']
    run(setup, timeout=900)
    python = tmp_path / 'venv' / 'bin' / 'python'
    run(['uv', 'pip', 'install', '--python', python, '--upgrade', '--override', 'requirements/overrides.txt', package])
    names = [f'tests/{name}' for name in tests]
    said = run([python, '-m', 'pytest', '-q', '-n', '2', '-p', 'no:cacheprovider', *names], timeout=1800)
    assert ' passed' in said and ' failed' not in said
