"""Making a cell's folder ready for a run, and noting down a failure."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmengine.config import Config

from ..atomic import write_json, write_text
from ..errors import ConfigError
from .state import CONFIG, FAILURE, LOG, changes, json_of, listed

# of a failed cell's output, as much as says what happened
LAST_LINES = 20
# characters of the reason in a list of failures
LONGEST = 300


def prepare(folder: Path, config: Config) -> None:
    """Write the resolved config into the cell's folder, and forget an earlier failure.

    The config is written out whole, so that editing the original while a sweep runs does not change what runs later.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FAILURE).unlink(missing_ok=True)
    write_text(folder / CONFIG, as_text(config))


def as_text(config: Config) -> str:
    """A config as a file that reads the same.

    Raises:
        ConfigError: one that does not, as where it holds objects that are not plain values.
    """
    try:
        text = config.pretty_text
        changed = changes(json_of(config), json_of(Config.fromstring(text, '.py')))
    except Exception as error:  # mmengine and its formatter raise whatever they meet
        changed = [f'{type(error).__name__}: {error}']
    if changed:
        raise ConfigError(f'{config.filename} cannot be written to a file and read again: {listed(changed)}.')
    return text


def set_aside(folder: Path) -> Path:
    """Give a stale cell's folder another name; nothing of it is lost. Returns where it is now."""
    number = 1
    while (aside := folder.with_name(f'{folder.name}.stale{number}')).exists():
        number += 1
    return folder.rename(aside)


def note_failure(folder: Path, stage: str, code: int, seconds: float) -> dict[str, Any]:
    """Write ``failed.json``: the stage ('train' or 'test'), the exit code, the last lines of output, in words why."""
    lines = last_lines(folder / LOG)
    failure = {'stage': stage, 'code': code, 'why': reason(code, lines), 'seconds': round(seconds, 1), 'output': lines}
    write_json(folder / FAILURE, failure)
    return failure


def last_lines(log: Path, count: int = LAST_LINES) -> list[str]:
    """The end of a log, without blank lines, escape codes, and what progress bars have written over."""
    if not log.is_file():
        return []
    with open(log, 'rb') as opened:
        opened.seek(max(0, log.stat().st_size - 64_000))
        text = opened.read().decode('utf-8', errors='replace')
    text = re.sub(r'\x1b\[[0-9;?]*[A-Za-z]', '', text)
    lines = [line.rstrip().split('\r')[-1] for line in text.split('\n')]
    return [line for line in lines if line.strip()][-count:]


def reason(code: int, lines: list[str]) -> str:
    """In one line why a run ended: its own message, or the signal that ended it."""
    if code < 0:
        memory = ', as when memory runs out' if code == -9 else ''
        return f'killed by signal {-code}{memory}'
    # a message may go on over several lines, up to the end
    begins = [i for i, line in enumerate(lines) if re.match(r'(error:|[\w.]*(Error|Exception|Interrupt)\b)', line)]
    if not begins:
        return f'exit code {code}, last line: {lines[-1] if lines else "none"}'
    message = ' '.join(line.strip() for line in lines[begins[-1] :]).removeprefix('error: ')
    return message if len(message) <= LONGEST else message[: LONGEST - 3] + '...'


def mean_seconds(results: list[Mapping[str, Any]]) -> float | None:
    """How long the cells took that have finished."""
    seconds = [r['wall_seconds'] for r in results if isinstance(r.get('wall_seconds'), (int, float))]
    return sum(seconds) / len(seconds) if seconds else None
