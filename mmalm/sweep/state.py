"""What a cell's folder says about it: not begun, half done, finished, failed, or of another config."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from mmengine.config import Config

from ..config import ABSENT, differences, load_config, plain
from ..errors import MmalmError

CONFIG = 'cell.py'
FAILURE = 'failed.json'
RESULTS = 'results.json'
TEST = 'test.json'
LOG = 'output.log'


class State(StrEnum):
    """Where a cell stands."""

    NEW = 'new'
    HALF = 'half done'
    FINISHED = 'finished'
    FAILED = 'failed'
    STALE = 'stale'


@dataclass(frozen=True)
class Standing:
    """A cell's state, with what was found.

    Attributes:
        state: see :class:`State`.
        why: of a stale or failed cell, in words.
        results: results.json of a finished cell, also of one that failed afterwards, while its test split was scored.
        test: what was found on the test split, where it was scored from that run's checkpoint.
        failure: of a failed cell: stage, exit code, last lines of output.
    """

    state: State
    why: str = ''
    results: Mapping[str, Any] | None = None
    test: Mapping[str, Any] | None = None
    failure: Mapping[str, Any] | None = None


def standing(folder: Path, config: Config, testing: bool = False) -> Standing:
    """Read a cell's folder.

    Args:
        folder: the cell's.
        config: what it is to be run with now, the seed in it. A folder of another config is stale.
        testing: whether a failure to score the test split counts; what was trained is finished all the same.
    """
    wanted = json_of(config)
    results = read_json(folder / RESULTS)
    if results is not None:
        changed = changes(results.get('config'), wanted)
        if changed:
            return Standing(State.STALE, 'finished with another config: ' + listed(changed))
        failure = read_json(folder / FAILURE)
        test = read_json(folder / TEST)
        if test is not None and not _is_of(test, results):
            test = None
        if testing and failure is not None:
            return Standing(State.FAILED, failure['why'], results=results, test=test, failure=failure)
        return Standing(State.FINISHED, results=results, test=test)
    if not folder.is_dir() or not any(folder.iterdir()):
        return Standing(State.NEW)
    if not (folder / CONFIG).is_file():
        return Standing(State.STALE, f'the folder holds something else: there is no {CONFIG} in it')
    try:
        changed = changes(json_of(load_config(folder / CONFIG)), wanted)
    except MmalmError as error:
        return Standing(State.STALE, f'its config cannot be read: {error}')
    if changed:
        return Standing(State.STALE, 'begun with another config: ' + listed(changed))
    failure = read_json(folder / FAILURE)
    if failure is not None:
        return Standing(State.FAILED, failure['why'], failure=failure)
    return Standing(State.HALF)


def json_of(config: Config) -> Any:
    """A config as it reads in a JSON file."""
    return json.loads(json.dumps(plain(config)))


def read_json(file: Path) -> Any | None:
    """What a JSON file holds; None where there is none, or none that can be read."""
    try:
        return json.loads(file.read_text(encoding='utf-8'))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None


def changes(old: Any, new: Any) -> list[str]:
    """Where two configs differ, in words, as ``train_cfg.max_epochs: 8, now 4``."""
    return [f'{path}: {_change(before, after)}' for path, before, after in differences(old, new)]


def listed(changed: list[str], most: int = 4) -> str:
    """The first few of many differences."""
    more = f'; and {len(changed) - most} more' if len(changed) > most else ''
    return '; '.join(changed[:most]) + more


def _change(before: Any, after: Any) -> str:
    if before is ABSENT or after is ABSENT:
        return 'new' if before is ABSENT else 'no longer there'
    return f'{_brief(before)}, now {_brief(after)}'


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + '...'


def _is_of(test: Mapping[str, Any], results: Mapping[str, Any]) -> bool:
    scored, chosen = test.get('checkpoint') or {}, results.get('checkpoint') or {}
    same_checkpoint = all(scored.get(key) == chosen.get(key) for key in ('epoch', 'step'))
    return same_checkpoint and not differences(test.get('config'), results.get('config'))
