"""Runs as processes: output, environment, and how they end."""

import sys
import time
from pathlib import Path

import pytest

from mmalm.sweep.process import Process, stop

STUBBORN = """\
import signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
print('deaf', flush=True)
time.sleep(60)
"""


def python(code, log, **extra):
    return Process([sys.executable, '-S', '-c', code], log, extra)


def wait_for(log, text):
    while not log.exists() or text not in log.read_text():
        time.sleep(0.01)


def alive(pid):
    """Whether a process runs; one that has ended and whose parent has not looked yet does not."""
    try:
        return Path(f'/proc/{pid}/stat').read_text().split()[2] != 'Z'
    except FileNotFoundError:
        return False


def test_output_is_appended_and_variables_reach_it(tmp_path):
    log = tmp_path / 'log'
    log.write_text('before\n')
    process = python("import os, sys; print(os.environ['X']); print('err', file=sys.stderr); sys.exit(3)", log, X='1')
    assert process.wait(20) and process.code() == 3
    assert sorted(log.read_text().split()) == ['1', 'before', 'err']


def test_a_signal_shows_in_the_code(tmp_path):
    process = python('import os; os.kill(os.getpid(), 9)', tmp_path / 'log')
    assert process.wait(20) and process.code() == -9


def test_one_that_ends_by_itself_is_left_to(tmp_path):
    log = tmp_path / 'log'
    code = "import time\nprint('up', flush=True)\ntry: time.sleep(60)\nexcept KeyboardInterrupt: print('saved')"
    process = python(code, log)
    wait_for(log, 'up')
    stop([process], patience=20)
    assert process.code() == 0 and 'saved' in log.read_text()


def test_one_that_does_not_is_killed(tmp_path):
    log = tmp_path / 'log'
    process = python(STUBBORN, log)
    wait_for(log, 'deaf')
    assert process.code() is None and not process.wait(0.01)
    stop([process], patience=0.2)
    assert process.code() == -9


@pytest.mark.skipif(sys.platform != 'linux', reason='looks into /proc')
def test_a_killed_run_takes_its_workers_with_it(tmp_path):
    log = tmp_path / 'log'
    code = f"import subprocess, sys, time\nw = subprocess.Popen([sys.executable, '-c', {STUBBORN!r}])\nprint(w.pid, flush=True)"
    process = python(code + '\ntime.sleep(60)', log)
    wait_for(log, 'deaf')
    worker = next(line for line in log.read_text().split() if line.isdigit())
    process.kill()
    deadline = time.monotonic() + 10
    while alive(worker):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_program_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        Process(['no-such-program'], tmp_path / 'log', {})
