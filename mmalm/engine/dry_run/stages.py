"""The stages of a dry run: each timed, its output kept apart, its failure told with the stage's name."""

import contextlib
import io
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mmalm.errors import MmalmError

WIDTH = 34


class DryRunError(MmalmError):
    """A config that would not run as it stands, and at which stage that showed."""


@dataclass
class Stage:
    """What became of one stage.

    Attributes:
        name: what is done.
        seconds: how long it took.
        found: what it found, in a few words.
    """

    name: str
    seconds: float = 0.0
    found: str = ''


@dataclass
class Stages:
    """Runs stages one after the other.

    Args:
        name: of the config, for errors.
        log: file that gets all output of the stages.
        say: prints a line.
        hint: what to add to a failure that is no error of mmalm's own.
    """

    name: str
    log: Path
    say: Callable[[str], None]
    hint: Callable[[], str] = lambda: ''
    done: list[Stage] = field(default_factory=list)
    output: io.StringIO = field(default_factory=io.StringIO)

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        """A stage; what it finds goes into the yielded object.

        Raises:
            DryRunError: whatever went wrong inside.
        """
        stage, started = Stage(name), time.perf_counter()
        try:
            with contextlib.redirect_stdout(self.output), contextlib.redirect_stderr(self.output):
                print(f'--- {name}')
                yield stage
        except (MmalmError, Exception) as error:
            self.say(f'{name:<{WIDTH}} FAILED')
            traceback.print_exc(file=self.output)
            raise DryRunError(self._message(name, error)) from error
        finally:
            self.log.write_text(self.output.getvalue(), encoding='utf-8')
        stage.seconds = time.perf_counter() - started
        self.done.append(stage)
        self.say(f'{name:<{WIDTH}} OK {stage.seconds:7.2f} s  {stage.found}'.rstrip())

    def _message(self, name: str, error: Exception) -> str:
        head = f'The dry run of {self.name} failed at: {name}.'
        hint = self.hint()
        if isinstance(error, MmalmError):
            return '\n'.join(filter(None, [head, str(error), hint]))
        frame = traceback.extract_tb(error.__traceback__)[-1]
        what = f'{type(error).__name__}: {error} ({frame.filename}, line {frame.lineno})'
        whole = 'The whole traceback: give --work-dir DIR, then see DIR/dry_run.log.'
        return '\n'.join(filter(None, [head, what, hint, whole]))
