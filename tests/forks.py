"""Children of a process that has everything imported: quick to start, free to be killed, several at once."""

import itertools
import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mmalm.errors import MmalmError

CHANGES = ('os.rename', 'os.remove', 'os.rmdir', 'os.mkdir', 'os.symlink', 'os.chmod', 'os.truncate')
DIED = 99


@dataclass
class Ended:
    """How a child ended: 0, 2 (an error of the user's), 3 (any other), 130 (Ctrl-C), or minus the signal; what it said."""

    code: int
    said: str


def start(function: Callable[[], object], log: Path, **environment: str) -> int:
    """Run ``function`` in a fork of this process, its output in ``log``; returns the child's number."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    code = 3
    try:
        handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        sys.stdout, sys.stderr = (os.fdopen(number, 'w', closefd=False) for number in (1, 2))
        os.environ.update(environment)
        function()
        code = 0
    except MmalmError as error:
        print(f'error: {error}', flush=True)
        code = 2
    except SystemExit as error:
        code = error.code
    except KeyboardInterrupt:
        code = 130
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # nothing of the parent's is torn down twice


def end(child: int, log: Path, seconds: float = 60) -> Ended:
    """Wait for a child; one that takes too long is killed, and fails the test."""
    limit = time.monotonic() + seconds
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return Ended(os.waitstatus_to_exitcode(status), log.read_text() if log.exists() else '')
        if time.monotonic() > limit:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            raise AssertionError(f'hung for {seconds} s: {log.read_text()}')
        time.sleep(0.005)


def run(function: Callable[[], object], log: Path, kill_after: float | None = None) -> Ended:
    """Run a function in a child to its end, or kill it after some seconds as ``kill -9`` does."""
    child = start(function, log)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    return end(child, log)


def die_at(number: int) -> None:
    """End this process, as a kill would, right before its change number ``number`` of a file or folder."""
    left = itertools.count(number, -1)

    def watch(event: str, arguments: tuple) -> None:
        # files are opened to be read and to be written; only the latter changes anything
        writes = event == 'open' and isinstance(arguments[1], str) and arguments[1][0] in 'wax+'
        if (writes or event in CHANGES) and next(left) == 0:
            os._exit(DIED)

    sys.addaudithook(watch)


def together(functions: list[Callable[[], object]], folder: Path, seconds: float = 60) -> list[Ended]:
    """Run functions at once, one a process, in the environment that torchrun would give them."""
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    common = {'WORLD_SIZE': str(len(functions)), 'MASTER_ADDR': '127.0.0.1', 'MASTER_PORT': str(port)}
    logs = [folder / f'process_{rank}.log' for rank in range(len(functions))]
    children = [
        start(function, log, RANK=str(rank), LOCAL_RANK=str(rank), **common)
        for rank, (function, log) in enumerate(zip(functions, logs, strict=True))
    ]
    return [end(child, log, seconds) for child, log in zip(children, logs, strict=True)]
