"""SNLI-VE as OFA prepared it, tables with a picture in every line, into the layout that is read: lines and picture files.

https://github.com/OFA-Sys/OFA/blob/main/datasets.md. A line has, between tabs: the pair's id, the picture's number, the picture in
base64, the hypothesis, the caption that it was written for, the label.
"""

import base64
import binascii
from pathlib import Path

from ..atomic import write_text
from ..datasets.json_files import encode_lines, refuse_lines
from ..datasets.snli_ve import LABELS, PICTURES
from ..errors import MissingDataError

WHAT = "OFA's SNLI-VE"
HINT = 'Wanted: six texts between tabs, as snli_ve_data.zip of OFA has them: see docs/data.md.'
COLUMNS = 6
# how JPEG and PNG files begin
STARTS = (b'\xff\xd8\xff', b'\x89PNG')


def unpack(table: Path, root: Path) -> int:
    """Write ``<root>/snli_ve_<split>.jsonl`` and the pictures of a table that are not there yet; gives how many lines it has.

    The table is read line by line: it holds every picture some twenty times, and is as large.

    Args:
        table: ``snli_ve_<split>.tsv``.
        root: the data set's folder.

    Raises:
        MissingDataError: there is no such file, or it is empty.
        ConfigError: a line of another form; names it.
    """
    folder = root / PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    there = {file.stem for file in folder.iterdir()}
    records = []
    try:
        with table.open('rb') as lines:
            for number, line in enumerate(lines, 1):
                pair, picture, content, hypothesis, caption, label = _columns(table, number, line)
                if picture not in there:
                    _write_picture(folder, picture, _decoded(table, number, content))
                    there.add(picture)
                records.append({'pairID': pair, 'sentence1': caption, 'sentence2': hypothesis, 'gold_label': label})
    except OSError as error:
        raise MissingDataError(f'{WHAT}: {table}: {error.strerror}. {HINT}') from error
    if not records:
        raise MissingDataError(f'{WHAT}: {table} is empty. Take it out of its archive again.')
    write_text(root / f'{table.stem}.jsonl', encode_lines(records))
    return len(records)


def _columns(table: Path, number: int, line: bytes) -> list[str]:
    try:
        columns = [text.strip() for text in line.decode().split('\t')]
    except UnicodeDecodeError as error:
        refuse_lines(table, [(number, f'byte {line[error.start]:#04x} is not UTF-8')], WHAT, HINT)
    if len(columns) != COLUMNS:
        refuse_lines(table, [(number, f'{len(columns)} texts')], WHAT, HINT)
    pair, picture, *_, label = columns
    if label not in LABELS:
        refuse_lines(table, [(number, f'the label {label[:40]!r} is none of {", ".join(LABELS)}')], WHAT, HINT)
    if pair.partition('.jpg')[0] != picture:
        refuse_lines(table, [(number, f'pair {pair[:40]!r} is not of the picture {picture[:40]!r}')], WHAT, HINT)
    return columns


def _decoded(table: Path, number: int, content: str) -> bytes:
    try:
        picture = base64.b64decode(content, validate=True)
    except binascii.Error:
        picture = b''
    if not picture.startswith(STARTS):
        refuse_lines(table, [(number, 'the third text is no picture in base64')], WHAT, HINT)
    return picture


def _write_picture(folder: Path, picture: str, content: bytes) -> None:
    part = folder / f'.{picture}.part'
    part.write_bytes(content)
    part.replace(folder / f'{picture}.jpg')
