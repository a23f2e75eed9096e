"""Progress of a longer piece of work, with the time left."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(what: str, total: int, enabled: bool = True, every: float = 5.0) -> Iterator[Callable[[int], None]]:
    """Yield a function to be told of each advance: a bar on a terminal, else a line on stderr every few seconds.

    Args:
        what: the work's name.
        total: how many steps there are.
        enabled: False shows nothing.
        every: seconds between two lines.
    """
    if not enabled or not total:
        yield lambda count: None
        return
    if sys.stderr.isatty():
        from tqdm import tqdm

        with tqdm(total=total, desc=what) as bar:
            yield bar.update
        return
    start = last = time.monotonic()
    done = 0

    def advance(count: int) -> None:
        nonlocal done, last
        if not count:
            return
        done += count
        now = time.monotonic()
        if now - last >= every or done == total:
            last = now
            left = (now - start) / done * (total - done)
            print(f'{what}: {done} of {total}, {left:.0f} s left', file=sys.stderr, flush=True)

    yield advance
