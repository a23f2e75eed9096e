"""Every command of the README works, word for word."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from mmalm.encoders.perception import Perception
from mmalm.registry import CONNECTORS
from mmalm.zoo import CATALOG
from mmalm.zoo.store import read_manifest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / 'README.md').read_text(encoding='utf-8')
COMMANDS = [
    line.split('#')[0].strip()
    for block in re.findall(r'```bash\n(.*?)```', README, re.DOTALL)
    for line in block.splitlines()
    if line.strip()
]
# these need nothing but the package
QUICK = [c for c in COMMANDS if re.search(r'print_config|check_parity|zoo.py list|list.py|--dry-run|analyze_flops', c)]
MAKE = [c for c in COMMANDS if c.startswith('make ')]
# in the README's order: what one makes the next uses
REAL = [c for c in COMMANDS if c not in QUICK and c not in MAKE]


def run(command: str) -> subprocess.CompletedProcess:
    words = shlex.split(command)
    words[0] = sys.executable if words[0] == 'python' else words[0]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True)


def test_the_two_commands_come_first() -> None:
    assert COMMANDS[:2] == ['make train', 'make test']


@pytest.mark.parametrize('command', QUICK)
def test_quick_commands(command: str) -> None:
    done = run(command)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize('command', MAKE)
def test_make_targets_run_the_tools_named(command: str) -> None:
    # the set-up itself is tested in tests/tools/test_setup_env.py; running the target from here would run this test again
    done = run(f'{command} --dry-run')
    assert done.returncode == 0, done.stderr
    told = {'make train': 'tools/train.py configs/quickstart', 'make test': '-m pytest'}[command]
    assert 'tools/setup_env.py' in done.stdout and told in done.stdout


@pytest.mark.slow
@pytest.mark.skipif(
    any(read_manifest(i.name) is None for i in CATALOG if i.quickstart), reason='python tools/zoo.py fetch'
)
def test_commands_on_the_real_models() -> None:
    for command in REAL:
        done = run(command)
        assert done.returncode == 0, f'{command}\n{done.stderr}'
    report = json.loads((ROOT / 'work_dirs' / 'first' / 'test.json').read_text(encoding='utf-8'))
    assert 'ranked/kind' in json.dumps(report)


def test_the_component_shown_works() -> None:
    (code,) = re.findall(r'```python\n(.*?)```', README, re.DOTALL)
    try:
        exec(compile(code, 'README.md', 'exec'), {'__name__': 'shown'})
        connector = CONNECTORS.build(dict(type='BottleneckConnector', rank=4), widths=[6, 6], hidden_size=8)
    finally:
        CONNECTORS.module_dict.pop('BottleneckConnector', None)
    assert connector(Perception(torch.randn(3, 2, 6))).shape == (3, 2, 1, 8)


def test_no_figure_is_left_open() -> None:
    assert not re.findall(r'@\w+@', README)
