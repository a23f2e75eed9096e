"""JSON files of millions of entries, read into typed records; faults named with the file, and the line where each is a line."""

import codecs
import json
import re
import typing
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ..errors import ConfigError, MissingDataError, closest

Shape = TypeVar('Shape')
# of files that may be meant where another is not there
ENDINGS = ('.json', '.jsonl', '.csv', '.zip')
_MARKS = (
    (codecs.BOM_UTF32_LE, 'UTF-32'),
    (codecs.BOM_UTF32_BE, 'UTF-32'),
    (codecs.BOM_UTF16_LE, 'UTF-16'),
    (codecs.BOM_UTF16_BE, 'UTF-16'),
    (codecs.BOM_UTF8, 'UTF-8 with a byte order mark'),
)


def paths(given: Any, name: str) -> list[Path]:
    """The files an argument names: one, several in a list, or none where it is None.

    Raises:
        ConfigError: it is something else; ``name`` is the argument's.
    """
    files = [] if given is None else [given] if isinstance(given, (str, Path)) else given
    if not isinstance(files, (list, tuple)) or not all(isinstance(file, (str, Path)) for file in files):
        raise ConfigError(f'{name} is a file or a list of files, found {given!r}.')
    return [Path(file).expanduser() for file in files]


def read_json(path: Path, shape: type[Shape], what: str, hint: str = '') -> Shape:
    """Read a JSON file as ``shape``; fields that ``shape`` does not name are passed over.

    Args:
        path: the file.
        shape: a type of msgspec's.
        what: what the file is, for errors.
        hint: what else to tell where the content is no JSON or has another shape.

    Raises:
        MissingDataError: there is no such file, or it is cut off.
        ConfigError: it is in another encoding, no JSON, or has other content.
    """
    data = _read(path, what)
    try:
        return msgspec.json.decode(data, type=shape)
    except msgspec.ValidationError as error:
        fault = str(error).replace('`$.', '`').replace('`$[', '`[')
        if '`[...]' in fault:
            fault = fault.replace('[...]', f'[{_entry(data, shape)}]', 1)
        fault += '' if ' - at ' in fault else ' at the top'
        raise ConfigError(
            f'{what}: {path} has another content: {fault}. It begins: {_start(data)}\n{hint}'.rstrip()
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if 'truncated' in str(error):
            raise MissingDataError(
                f'{what}: {path} is cut off after {len(data):,} bytes. Download it, or take it out of its archive, again.'
            ) from error
        raise ConfigError(
            f'{what}: {path} is no JSON in UTF-8 ({error}). It begins: {_start(data)}\n'
            f'Download it, or take it out of its archive, again. {hint}'.rstrip()
        ) from error


def read_json_lines(path: Path, shape: type[Shape], what: str, hint: str = '') -> list[tuple[int, Shape]]:
    """Read a file of one JSON object a line; empty lines are passed over.

    Args:
        path: the file.
        shape: a msgspec.Struct.
        what: what the file is, for errors.
        hint: what else to tell where the content has another shape.

    Returns:
        each line's number, from 1, and what it holds.

    Raises:
        MissingDataError: there is no such file, or it is empty.
        ConfigError: names the first lines that are not in UTF-8, no JSON, or have other content.
    """
    data = _read(path, what)
    decoder, found, faults = msgspec.json.Decoder(shape), [], []
    for number, line in enumerate(data.split(b'\n'), 1):
        if line.strip():
            try:
                line.decode()
                found.append((number, decoder.decode(line)))
            except UnicodeDecodeError as error:
                faults.append((number, f'byte {line[error.start]:#04x} is not UTF-8: save the file as UTF-8'))
            except (msgspec.ValidationError, msgspec.DecodeError) as error:
                faults.append((number, _line_fault(error, line, shape)))
    refuse_lines(path, faults, what, hint)
    return found


def refuse_lines(
    path: Path, faults: Sequence[tuple[int, str]], what: str, hint: str = '', error: type[Exception] = ConfigError
) -> None:
    """Raise for faults, if there are any.

    Args:
        path: the file.
        faults: the line's number, from 1, and what is wrong with it.
        what: what the file is.
        hint: what else to tell.
        error: what is raised.

    Raises:
        the error: names the first five lines, and says how many there are.
    """
    if faults:
        listed = ''.join(f'\n  line {number}: {fault}' for number, fault in faults[:5])
        more = f'\n  ... {len(faults):,} lines in all' if len(faults) > 5 else ''
        raise error(f'{what}: {path}:{listed}{more}\n{hint}'.rstrip())


def _entry(data: bytes, shape: Any) -> str:
    """Of an object by keys that all have one shape, the first key whose value has another."""
    for kind in (shape, *typing.get_args(shape)):
        if typing.get_origin(kind) is dict:
            decoder = msgspec.json.Decoder(typing.get_args(kind)[1])
            for key, value in msgspec.json.decode(data, type=dict[str, msgspec.Raw]).items():
                try:
                    decoder.decode(value)
                except msgspec.ValidationError:
                    return json.dumps(key)
    return '...'


def _line_fault(error: Exception, line: bytes, shape: type) -> str:
    if not isinstance(error, msgspec.ValidationError):
        listed = (
            'a list: one object a line is wanted, without brackets and commas around them; found '
            if line[:1] in b'[],'
            else ''
        )
        return f'no JSON object ({error}): {listed}{_start(line)}'
    unknown = re.search(r'unknown field `(.+)`', str(error))
    if unknown is None:
        return (
            str(error)
            .replace('`$.', '`')
            .replace('`$[', '`[')
            .replace('Object missing required field', 'missing field')
            .replace(' - at `$`', '')
        )
    names = [field.encode_name for field in msgspec.structs.fields(shape)]
    return f'unknown field {unknown[1]!r}. {closest(unknown[1], names)} Fields: {", ".join(names)}.'


def _read(path: Path, what: str) -> bytes:
    """A file's bytes, which are not empty and of no encoding but UTF-8, as far as its start tells."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MissingDataError(f'{what}: {path} {_absence(path, error)}') from error
    _check_encoding(path, data, what)
    return data


def _check_encoding(path: Path, data: bytes, what: str) -> None:
    found = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if found is None and b'\0' in data[:4]:
        found = 'UTF-16 or UTF-32'
    if found is not None:
        raise ConfigError(
            f'{what}: {path} is in {found}. JSON is UTF-8 without a mark: save it as that, or download it again.'
        )
    if not data.strip():
        raise MissingDataError(f'{what}: {path} is empty. Download it, or take it out of its archive, again.')


def _start(data: bytes) -> str:
    return repr(data[:60].decode('utf-8', 'replace')) + (' ...' if len(data) > 60 else '')


def _absence(path: Path, error: OSError) -> Any:
    if path.exists():
        return f'cannot be read: {error.strerror}.'
    if not path.parent.is_dir():
        return f'is not there, nor is its folder {path.parent}.'
    near = sorted(file.name for file in path.parent.iterdir() if file.suffix in ENDINGS)
    return f'is not there. In its folder: {", ".join(near[:8]) or "none of " + ", ".join(ENDINGS)}.'


def encode_lines(records: Iterable[Mapping[str, Any]]) -> str:
    """One JSON object a line."""
    return ''.join(json.dumps(record, ensure_ascii=False) + '\n' for record in records)
