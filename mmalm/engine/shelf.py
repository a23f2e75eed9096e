"""The checkpoints of a run's folder: which there are, which is newest, which stay."""

import re
from collections.abc import Collection
from pathlib import Path

from mmalm.errors import CheckpointError

from ..atomic import point, remove_folder
from .checkpoint_files import read_description, verify
from .training_state import TENSORS, VALUES

NAME = re.compile(r'(epoch|step)_\d+')


def checkpoints(folder: Path) -> list[Path]:
    """The run's own checkpoints in ``folder``; links and what else lies there are left out."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name) and not path.is_symlink())


def newest_whole(folder: Path) -> tuple[Path | None, list[str]]:
    """The newest checkpoint that can be resumed from, whatever a kill or a disk did to the others.

    Returns:
        its folder, or None; and what is wrong with the damaged ones.

    Raises:
        CheckpointError: there are checkpoints, but none that can be resumed from.
    """
    order, faults = _by_age(folder)
    for _, path in reversed(order):
        if not (path / VALUES).is_file():
            continue
        try:
            verify(path, complete=True)
        except CheckpointError as error:
            faults.append(str(error))
            continue
        return path, faults
    if order or faults:
        listed = ''.join(f'\n  - {fault}' for fault in faults)
        raise CheckpointError(
            f'No checkpoint in {folder} can be resumed from; there is no training state that is whole.{listed}\n'
            'Leave --resume out to start anew (what is there is kept), or name a checkpoint of another folder.'
        )
    return None, []


def up_to(checkpoint: Path) -> list[str]:
    """Names of a checkpoint and those that were saved before it in the same folder; damaged ones are left out."""
    order, _ = _by_age(checkpoint.parent)
    last = next((age for age, path in order if path.name == checkpoint.name), None)
    return [path.name for age, path in order if last is not None and age <= last]


def _by_age(folder: Path) -> tuple[list[tuple[tuple[int, int], Path]], list[str]]:
    """Checkpoints by step and epoch, oldest first, and what is wrong with those that do not say."""
    order, faults = [], []
    for path in checkpoints(folder):
        try:
            description = read_description(path)
            order.append(((description['step'], description['epoch']), path))
        except (CheckpointError, KeyError) as error:
            faults.append(f'{path} is damaged: {error}')
    return sorted(order), faults


def prune(folder: Path, stay: Collection[str], resumable: Collection[str]) -> None:
    """Remove all checkpoints but those to ``stay``, and all training state but that of the ``resumable``."""
    for path in checkpoints(folder):
        if path.name not in stay:
            remove_folder(path)
        elif path.name not in resumable:
            for file in (VALUES, TENSORS):
                (path / file).unlink(missing_ok=True)


def link(folder: Path, name: str, target: str | None) -> None:
    """Point ``name`` to a checkpoint that is there."""
    if target is not None and (folder / target).is_dir():
        point(folder / name, folder / target)


def set_aside(work_dir: Path, stay: Collection[str] = ()) -> Path | None:
    """Move an earlier run's checkpoints and results to ``checkpoints.N`` and ``results.N.json``; they are kept.

    Args:
        work_dir: the run's folder.
        stay: names of checkpoints that belong to the run that goes on; with any of these, results stay too.

    Returns:
        where they are now, or None where there were none.
    """
    folder = work_dir / 'checkpoints'
    entries = sorted(folder.iterdir()) if folder.is_dir() else []
    others = [path for path in entries if not path.is_symlink() and path.name not in stay]
    if stay:
        others = [path for path in others if NAME.fullmatch(path.name)]
    results = work_dir / 'results.json'
    if not others and (stay or not results.exists()):
        return None
    number = 1
    while (work_dir / f'checkpoints.{number}').exists() or (work_dir / f'results.{number}.json').exists():
        number += 1
    aside = work_dir / f'checkpoints.{number}'
    if stay:
        aside.mkdir()
        for path in others:
            path.rename(aside / path.name)
        return aside
    if results.exists():
        results.rename(work_dir / f'results.{number}.json')
    if folder.exists():
        folder.rename(aside)
    return aside
