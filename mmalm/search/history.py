"""The record of a search: one JSON line for every reward batch."""

import json
from pathlib import Path
from typing import Any

from ..atomic import write_text

FILE = 'search.jsonl'
# what a search leaves: a later one in its folder must not be taken for it before it has ended
LEFT = (FILE, 'placement.json')


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

        What another search left, where this one starts anew, is kept under the next free name.
        """
        if not self.writes:
            return
        if lines and self.file.exists():
            kept = self.file.read_text(encoding='utf-8').splitlines(keepends=True)[:lines]
            write_text(self.file, ''.join(kept))
        if lines:
            return
        earlier, number = [self.file.with_name(name) for name in LEFT], 1
        while any(_numbered(file, number).exists() for file in earlier):
            number += 1
        for file in earlier:
            if file.exists():
                file.rename(_numbered(file, number))

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


def _numbered(file: Path, number: int) -> Path:
    return file.with_suffix(f'.{number}{file.suffix}')
