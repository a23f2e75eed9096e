"""How long a command takes to be there: everything training imports, beside what it stands on, and what a mistyped path costs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WAYS = {
    'all that training imports': ['-c', 'import mmalm.engine.train, mmalm.models, mmalm.datasets, mmalm.metrics'],
    'torch, transformers, timm and MMEngine': [
        '-c',
        'import torch, timm, mmengine.runner; from transformers import AutoModelForCausalLM, AutoModel',
    ],
    'train.py with a config that is not there': ['tools/train.py', 'no_such_config.py'],
}


@pytest.mark.benchmark(group='start-up')
@pytest.mark.parametrize('way', WAYS)
def test_start_up(benchmark, way: str) -> None:
    environment = {**os.environ, 'PYTHONPATH': str(ROOT)}

    def start() -> int:
        command = [sys.executable, *WAYS[way]]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False).returncode

    expected = 2 if 'not there' in way else 0
    assert benchmark.pedantic(start, rounds=3, warmup_rounds=1) == expected
