"""tools/check_parity.py as a command."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CASE = ROOT / 'tests' / 'data' / 'parity' / 'epalm_opt_to_last_layer.safetensors'


def run(*files: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, str(ROOT / 'tools' / 'check_parity.py'), *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, cwd='/')


def test_one_line_a_tensor_and_exit_0() -> None:
    done = run(CASE)
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    assert [row[1] for row in rows] == ['logits', 'logits_without_perception', 'loss_per_sample']
    assert all(row[0] == CASE.name and float(row[2]) <= 1e-4 and row[3] == 'PASS' for row in rows)


def test_a_failure_exits_1_and_the_rest_is_still_checked(tmp_path: Path) -> None:
    broken = tmp_path / 'broken.safetensors'
    broken.write_bytes(CASE.read_bytes()[:1000])
    done = run(broken, CASE)
    assert done.returncode == 1
    assert done.stdout.splitlines()[0].endswith('FAIL') and len(done.stdout.splitlines()) == 4
    assert 'Traceback' not in done.stderr
