"""What a cell's folder says about it: not begun, half done, finished, failed, or of another config."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from mmengine.config import Config

from ..config import load_config, plain
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
        changed = differences(results.get('config'), wanted)
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
        changed = differences(json_of(load_config(folder / CONFIG)), wanted)
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


def differences(old: Any, new: Any, path: str = '') -> list[str]:
    """Where two configs differ, as ``train_cfg.max_epochs: 8, now 4``."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        found = []
        for key in dict.fromkeys([*old, *new]):
            here = f'{path}.{key}' if path else str(key)
            if key not in new:
                found.append(f'{here}: no longer there')
            elif key not in old:
                found.append(f'{here}: new')
            else:
                found += differences(old[key], new[key], here)
        return found
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [line for i, pair in enumerate(zip(old, new, strict=True)) for line in differences(*pair, f'{path}.{i}')]
    # NaN is not equal to itself, but to its text
    return [] if json.dumps(old) == json.dumps(new) else [f'{path}: {_brief(old)}, now {_brief(new)}']


def listed(changed: list[str], most: int = 4) -> str:
    """The first few of many differences."""
    more = f'; and {len(changed) - most} more' if len(changed) > most else ''
    return '; '.join(changed[:most]) + more


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + '...'


def _is_of(test: Mapping[str, Any], results: Mapping[str, Any]) -> bool:
    scored, chosen = test.get('checkpoint') or {}, results.get('checkpoint') or {}
    same_checkpoint = all(scored.get(key) == chosen.get(key) for key in ('epoch', 'step'))
    return same_checkpoint and not differences(test.get('config'), results.get('config'))
