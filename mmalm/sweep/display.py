"""What a sweep shows while it runs: the table so far, a bar with the time left, and one line a cell."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ..engine.hooks.progress_hook import duration
from .table import scores_table


class Display:
    """Lines go to the terminal as they are; the live part is drawn on a terminal only.

    Args:
        console: where to; standard output where None.
    """

    def __init__(self, console: Console | None = None):
        self.console = console or Console(highlight=False, soft_wrap=True)
        if not self.console.is_terminal:
            # a file has no edge to fold a table at
            self.console.width = 240
        self._bar = Progress(
            TextColumn('{task.description}'),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn('{task.fields[left]}'),
        )
        self._task: Any = None
        self._running: Sequence[str] = ()
        self._table: Any = None

    @contextmanager
    def live(self, total: int, done: int) -> Iterator[None]:
        """Draw the live part while the block runs."""
        self._task = self._bar.add_task('cells', total=total, completed=done, left='')
        if not self.console.is_terminal:
            yield
            return
        with Live(get_renderable=self._render, console=self.console, refresh_per_second=2, transient=True):
            yield

    def say(self, text: str) -> None:
        """A line that stays."""
        self.console.print(escape(text))

    def update(self, done: int, running: Sequence[str], left: float | None) -> None:
        """Set the bar, the lines of what runs, and the time left."""
        shown = '' if left is None else f'about {duration(left)} left'
        self._bar.update(self._task, completed=done, left=shown)
        self._running = running

    def table(self, content: Mapping[str, Any]) -> None:
        """The table of the live part."""
        self._table = scores_table(content).rich()

    def _render(self) -> Group:
        lines = [escape(text)[: self.console.width - 1] for text in self._running]
        return Group(*([self._table] if self._table else []), self._bar, *lines)
