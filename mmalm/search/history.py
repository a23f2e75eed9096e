"""The record of a search: one JSON line for every reward batch."""

import json
from pathlib import Path
from typing import Any

from ..atomic import write_text

FILE = 'search.jsonl'


class History:
    """``search.jsonl`` in a search's folder; the same after a resumption as without one.

    Args:
        folder: the search's.
        writes: whether this process does; the others keep no record.
    """

    def __init__(self, folder: Path, writes: bool = True):
        self.file, self.writes = folder / FILE, writes

    def begin(self, lines: int) -> None:
        """Keep the first so many lines: a killed search may have written some that are not in its last checkpoint.

        The record of another search, where this one starts anew, is kept under the next free name.
        """
        if not self.writes or not self.file.exists():
            return
        if lines:
            kept = self.file.read_text(encoding='utf-8').splitlines(keepends=True)[:lines]
            write_text(self.file, ''.join(kept))
            return
        number = 1
        while (aside := self.file.with_name(f'search.{number}.jsonl')).exists():
            number += 1
        self.file.rename(aside)

    def add(self, line: dict[str, Any]) -> None:
        """Write one line."""
        if self.writes:
            with open(self.file, 'a', encoding='utf-8') as file:
                file.write(json.dumps(line) + '\n')

    def read(self) -> list[dict[str, Any]]:
        """All lines."""
        if not self.file.exists():
            return []
        return [json.loads(line) for line in self.file.read_text(encoding='utf-8').splitlines()]
