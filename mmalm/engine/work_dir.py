"""A run's folder, made ready: held against other runs, rid of what a kill left, an earlier run set aside."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from mmengine.config import Config

from mmalm.errors import MmalmError, TrainingError

from ..atomic import full_disk, remove_leftovers
from . import distributed
from .lock import locked
from .shelf import set_aside, up_to


def default_work_dir(config: Config) -> Path:
    """``work_dirs/<config name>``"""
    return Path('work_dirs') / (Path(config.filename).stem if config.filename else 'run')


@contextlib.contextmanager
def run_folder(folder: Path) -> Iterator[None]:
    """Hold the folder, and tell of a disk that cannot be written inside.

    Raises:
        TrainingError: another run holds it, it cannot be written, or the disk is full.
    """
    try:
        with contextlib.ExitStack() as stack:
            if distributed.is_main():
                stack.enter_context(locked(folder))
                for name in ('results.json', 'config.py'):
                    remove_leftovers(folder, name)
                remove_leftovers(folder / 'checkpoints')
            distributed.wait_for_all()
            yield
    except MmalmError:
        raise
    except Exception as error:
        if not full_disk(error):
            raise
        where = f' ({error.filename})' if getattr(error, 'filename', None) else ''
        raise TrainingError(
            f'The disk is full{where}: {error}.\nWhat was saved in {folder} is whole. Make room, then go on with --resume.'
        ) from error


def make_room(folder: Path, checkpoint: Path | None) -> None:
    """Set aside what an earlier run left in the folder and this one does not go on with; nothing is deleted.

    Args:
        folder: the run's.
        checkpoint: what this run goes on from, or None.
    """
    if not distributed.is_main():
        return
    stay = []
    if checkpoint is not None and checkpoint.resolve().parent == (folder / 'checkpoints').resolve():
        stay = up_to(checkpoint.resolve())
    aside = set_aside(folder, stay)
    if aside is not None:
        what = 'Checkpoints that are newer or damaged' if stay else 'The checkpoints of an earlier run'
        print(f'{what} in {folder} are kept as {aside}.', flush=True)
