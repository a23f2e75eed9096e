"""How runs that go side by side share a machine."""

import os
from functools import cache


def environment(slot: int, jobs: int) -> dict[str, str]:
    """Environment variables for the run in one of ``jobs`` places.

    With several GPUs each place has one of them in turn. On the processor the cores are divided, since runs that each take
    all of them slow each other down several times over; ``OMP_NUM_THREADS``, where it is set, stands.
    """
    if jobs == 1:
        return {}
    extra = {}
    devices = visible_devices()
    if len(devices) > 1:
        extra['CUDA_VISIBLE_DEVICES'] = devices[slot % len(devices)]
    if 'OMP_NUM_THREADS' not in os.environ:
        extra['OMP_NUM_THREADS'] = str(max(1, cores() // jobs))
    return extra


@cache
def visible_devices() -> tuple[str, ...]:
    """The GPUs this process may use, as ``CUDA_VISIBLE_DEVICES`` names them."""
    named = os.environ.get('CUDA_VISIBLE_DEVICES')
    if named is not None:
        return tuple(part.strip() for part in named.split(',') if part.strip())
    import torch

    return tuple(str(i) for i in range(torch.cuda.device_count()))


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count() or 1
