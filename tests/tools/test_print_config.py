"""tools/print_config.py as a command."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tiny import save_tiny_lm
from tiny_pictures import VIT

from mmalm.config import load_config

ROOT = Path(__file__).parents[2]
QUICKSTART = ROOT / 'configs' / 'quickstart' / 'epalm_smollm2_stamps.py'


def print_config(*arguments, home: Path) -> subprocess.CompletedProcess:
    """The command with an empty cache of its own, no hub, and in a folder of its own."""
    environment = {**os.environ, 'MMALM_HOME': str(home), 'HF_HUB_OFFLINE': '1', 'OMP_NUM_THREADS': '1'}
    command = [sys.executable, str(ROOT / 'tools' / 'print_config.py'), *map(str, arguments)]
    return subprocess.run(command, cwd=home.parent, env=environment, capture_output=True, text=True, timeout=120)


def schedule_lines(out: str) -> list[list[str]]:
    return [line.split() for line in out[out.index('injection schedule') :].splitlines()[2:]]


def test_the_quickstart_before_anything_is_fetched(tmp_path):
    done = print_config(QUICKSTART, home=tmp_path / 'home')
    assert (done.returncode, done.stderr) == (0, '')
    config = load_config(QUICKSTART)
    expected = config.model.expect_trainable
    assert f'{expected:,}' == '1,331,136'
    assert re.search(rf'^total trainable +13 +{expected:,} +0\.8430$', done.stdout, re.MULTILINE)
    assert re.search(r'^whole model +157,902,720 +100\.0000$', done.stdout, re.MULTILINE)
    start, end = config.model.schedule.start, config.model.schedule.end
    untouched, first, *others = schedule_lines(done.stdout)
    assert untouched == [f'0-{start - 1}', '-'] and first == [str(start), '*', 'insert', '0']
    step = (end - start) // config.model.encoder.levels
    assert others == [[str(i), '*', 'replace', str((i - start) // step)] for i in range(start + 1, end)]
    # neither downloaded nor written
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def config_file(tmp_path):
    (tmp_path / 'home').mkdir()
    lm = save_tiny_lm(tmp_path / 'lm')
    (lm / 'model.safetensors').unlink()
    (tmp_path / 'base.py').write_text(
        'model = dict(\n'
        "    type='AugmentedLM',\n"
        f"    encoder=dict(type='TransformersEncoder', config={VIT}, levels=2),\n"
        "    connector=dict(type='LinearConnector'),\n"
        "    language_model=dict(type='CausalLM', model='lm'),\n"
        "    schedule=dict(type='SingleLayer', layer=1),\n"
        "    soft_prompt=dict(type='SoftPrompt', length=1),\n"
        "    head=dict(type='GenerationHead'),\n"
        ')\n'
    )
    (tmp_path / 'child.py').write_text(
        "_base_ = ['base.py']\nmodel = dict(schedule=dict(_delete_=True, type='InputPrefix', remove_at=4))\n"
    )
    return tmp_path / 'child.py'


def test_a_config_resolved_with_options(config_file):
    home = config_file.parent / 'home'
    done = print_config('child.py', '--cfg-options', 'model.soft_prompt.length=40', home=home)
    assert (done.returncode, done.stderr) == (0, '')
    resolved = done.stdout.split('\n\n')[0]
    assert "schedule=dict(remove_at=4, type='InputPrefix')" in resolved and '_base_' not in resolved
    # 2 x (8 x 32 + 32) in the connector, 40 x 32 in the prompt
    assert re.search(r'^total trainable +5 +1,856 ', done.stdout, re.MULTILINE)
    assert schedule_lines(done.stdout) == [
        ['0', '**', 'insert', '0,', 'insert', '1'],
        ['1-3', 'oo', '(stay)'],
        ['4', '-', 'remove', 'slot', '0,', 'remove', 'slot', '1'],
        ['5', '-'],
    ]
