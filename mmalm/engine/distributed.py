"""Several processes that train one model: started by torchrun, gloo between CPUs, NCCL between GPUs.

Every function here works in a run of one process too, where it does nothing.
"""

import contextlib
import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import torch
from torch import distributed as dist

from mmalm.errors import ConfigError, TrainingError, closest

LAUNCHERS = ('none', 'pytorch')
ENVIRONMENT = ('RANK', 'WORLD_SIZE', 'LOCAL_RANK', 'MASTER_ADDR', 'MASTER_PORT')
# the others wait while one fills a feature cache; who waits for a process that died is told so by the connection
TIMEOUT = timedelta(days=7)
# of the messages that libraries give when the process at the other end is gone
GONE = ('Connection closed by peer', 'Connection reset by peer', 'Connection refused', 'Broken pipe', 'gloo')


def active() -> bool:
    """Whether this run has more than one process."""
    return dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1


def rank() -> int:
    """Which process this is, from 0."""
    return dist.get_rank() if active() else 0


def world_size() -> int:
    """How many processes there are."""
    return dist.get_world_size() if active() else 1


def is_main() -> bool:
    """Whether this is the process that writes and speaks."""
    return rank() == 0


def say(text: str) -> None:
    """Print for the user, once."""
    if is_main():
        print(text, flush=True)


def broadcast(value: Any) -> Any:
    """The main process's value, in every process."""
    if not active():
        return value
    values = [value]
    dist.broadcast_object_list(values)
    return values[0]


def gather(value: Any) -> list[Any] | None:
    """Every process's value by rank, in the main process; None in the others."""
    if not active():
        return [value]
    values = [None] * world_size() if is_main() else None
    dist.gather_object(value, values)
    return values


def gather_everywhere(value: Any) -> list[Any]:
    """Every process's value by rank, in every process."""
    if not active():
        return [value]
    values: list[Any] = [None] * world_size()
    dist.all_gather_object(values, value)
    return values


def wait_for_all() -> None:
    """Go on once every process has come here."""
    gather_everywhere(None)


@contextlib.contextmanager
def main_first() -> Iterator[None]:
    """A block that the first process of each machine goes through before the others, which then find its work done."""
    later = int(os.environ.get('LOCAL_RANK', rank())) != 0 and active()
    if later:
        wait_for_all()
    yield
    if not later:
        wait_for_all()


@contextlib.contextmanager
def launch(launcher: str = 'none') -> Iterator[None]:
    """Join the processes that torchrun started; inside, a config means the same run as with one process.

    Only the main process prints. An error in any of them ends all of them: the first to fail tells of it, the others end
    without a word of their own.

    Args:
        launcher: 'none' for a run of one process, 'pytorch' under torchrun.

    Raises:
        ConfigError: an unknown launcher, not started by torchrun, or more processes than GPUs.
        TrainingError: another process ended without saying why.
        SystemExit: another process failed, and said why.
    """
    if launcher not in LAUNCHERS:
        hint = closest(launcher, LAUNCHERS)
        raise ConfigError(f'--launcher {launcher}: choose from {", ".join(LAUNCHERS)}. {hint}'.rstrip())
    if launcher == 'none':
        yield
        return
    store = _join()
    try:
        with contextlib.ExitStack() as stack:
            if not is_main():
                quiet = stack.enter_context(open(os.devnull, 'w', encoding='utf-8'))
                stack.enter_context(contextlib.redirect_stdout(quiet))
            yield
    except BaseException as error:
        if not _first_to_fail(store):
            raise SystemExit(2) from error
        if isinstance(error, RuntimeError) and any(mark in str(error) for mark in GONE):
            raise TrainingError(
                'Another process of this run ended without saying why; it may have been killed, or its machine be out of '
                'memory. Go on with --resume.'
            ) from error
        raise
    else:
        dist.destroy_process_group()


def _join() -> Any:
    """Enter the process group on this process's device; returns the store that all processes share."""
    missing = [name for name in ENVIRONMENT if name not in os.environ]
    if missing:
        raise ConfigError(
            f'--launcher pytorch: the environment lacks {", ".join(missing)}. Start it by torchrun, as in\n'
            '  torchrun --nproc_per_node=2 tools/train.py CONFIG --launcher pytorch'
        )
    backend = 'gloo'
    if torch.cuda.is_available():
        here, there = int(os.environ['LOCAL_RANK']), torch.cuda.device_count()
        if here >= there:
            raise ConfigError(
                f'--launcher pytorch: process {here} of this machine has no GPU of its own; it has {there}. '
                f'Start torchrun with --nproc_per_node={there}, or hide the GPUs (CUDA_VISIBLE_DEVICES=) for a run on CPUs.'
            )
        torch.cuda.set_device(here)
        backend = 'cpu:gloo,cuda:nccl'
    store, number, size = next(dist.rendezvous('env://', timeout=TIMEOUT))
    dist.init_process_group(
        backend, store=dist.PrefixStore('group', store), rank=number, world_size=size, timeout=TIMEOUT
    )
    return dist.PrefixStore('failures', store)


def _first_to_fail(store: Any) -> bool:
    try:
        return store.add('count', 1) == 1
    except RuntimeError:  # the process that held the store is gone, and has failed before
        return False
