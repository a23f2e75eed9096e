"""A training or test run as a process of its own, which cannot outlive or take down the sweep."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

# seconds a run has to end by itself after Ctrl-C, to finish the checkpoint it is writing
PATIENCE = 60.0

_LIBC = ctypes.CDLL(None) if sys.platform == 'linux' else None
_PR_SET_PDEATHSIG = 1


def _before_it_starts() -> None:
    # of a sweep in the background the shell may have had Ctrl-C ignored, which its runs would inherit
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # a sweep that is killed cannot stop its runs; a run that went on would meet its own successor in the same folder
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@dataclass
class Process:
    """A command that runs, its output going to a file.

    Attributes:
        command: program and arguments.
        log: file its output is appended to.
        extra: environment variables on top of the sweep's own.
    """

    command: Sequence[str]
    log: Path
    extra: Mapping[str, str]
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        environment = {**os.environ, 'PYTHONUNBUFFERED': '1', **self.extra}
        with open(self.log, 'ab') as output:
            # a session of its own: Ctrl-C reaches the sweep alone, which then stops its runs one way
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
                preexec_fn=_before_it_starts,
            )

    @property
    def seconds(self) -> float:
        """Since it was started."""
        return time.monotonic() - self.started

    def code(self) -> int | None:
        """Exit code, a negative signal number where one ended it, None while it runs."""
        return self._process.poll()

    def kill(self) -> None:
        """End it and its workers at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def interrupt(self) -> None:
        """Ask it to end, as Ctrl-C does."""
        self._process.send_signal(signal.SIGINT)

    def wait(self, seconds: float) -> bool:
        """Whether it ended within so many seconds."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True


def stop(processes: Sequence[Process], patience: float = PATIENCE) -> None:
    """Let all end by themselves; kill, with their workers, those that do not, or all when asked a second time."""
    try:
        for process in processes:
            process.interrupt()
        deadline = time.monotonic() + patience
        for process in processes:
            process.wait(max(0.0, deadline - time.monotonic()))
    except KeyboardInterrupt:
        pass
    finally:
        for process in processes:
            process.kill()
