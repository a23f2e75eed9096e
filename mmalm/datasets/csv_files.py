"""CSV files with a header, read into rows; faults named with the file and the line."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import ConfigError, MissingDataError, closest
from .json_files import refuse_lines


def read_csv(path: Path, columns: Sequence[str], what: str, hint: str = '') -> list[tuple[int, dict[str, str]]]:
    """Read a CSV file in UTF-8, with or without a byte order mark; columns that are not named are passed over.

    Args:
        path: the file.
        columns: that must be there, with text in every row.
        what: what the file is, for errors.
        hint: what else to tell.

    Returns:
        the number of the line each row ends on, from 1, and its texts by column, without blanks around them.

    Raises:
        MissingDataError: there is no such file, or it is empty.
        ConfigError: it is not in UTF-8, lacks columns or the end of a quotation, or names the first rows that lack texts or have
            too many.
    """
    text = _text(path, what)
    reader = csv.DictReader(io.StringIO(text, newline=''), strict=True)
    names = [name.strip() for name in reader.fieldnames or []]
    lacking = [name for name in columns if name not in names]
    if lacking:
        raise ConfigError(
            f'{what}: {path}, line 1 has no column {lacking[0]!r}. {closest(lacking[0], names)} '
            f'Found: {", ".join(names)[:200]}.\n{hint}'.rstrip()
        )
    reader.fieldnames = names
    found, faults = [], []
    for row in _rows(reader, path, what, hint):
        if None in row:
            faults.append(
                (reader.line_num, f'{len(row[None])} texts too many: a text with a comma needs quotation marks')
            )
            continue
        texts = {name: ' '.join((row[name] or '').split()) for name in columns}
        empty = [name for name, value in texts.items() if not value]
        if empty:
            faults.append((reader.line_num, f'{", ".join(empty)} empty or missing'))
        found.append((reader.line_num, texts))
    refuse_lines(path, faults, what, hint)
    if not found:
        raise MissingDataError(f'{what}: {path} has a header and no rows. Download it again.')
    return found


def _rows(reader: csv.DictReader, path: Path, what: str, hint: str) -> Iterator[dict]:
    try:
        yield from reader
    except csv.Error as error:
        raise ConfigError(
            f'{what}: {path}, line {reader.line_num + 1}: {error}. A quotation mark of the row that begins there is not closed, or '
            f'stands inside a text: double it.\n{hint}'.rstrip()
        ) from error


def _text(path: Path, what: str) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        there = sorted(file.name for file in path.parent.iterdir()) if path.parent.is_dir() else []
        raise MissingDataError(
            f'{what}: {path} cannot be read: {error.strerror}. In its folder: {", ".join(there[:8]) or "nothing"}.'
        ) from error
    if not data.strip():
        raise MissingDataError(f'{what}: {path} is empty. Download it again.')
    try:
        return data.decode('utf-8-sig')
    except UnicodeDecodeError as error:
        line = data.count(b'\n', 0, error.start) + 1
        raise ConfigError(
            f'{what}: {path}, line {line}: byte {data[error.start]:#04x} is not UTF-8. Save it as UTF-8, or download it again.'
        ) from error
