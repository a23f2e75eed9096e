"""What sharing saves: rewards of all arms with what they have in common computed once, and with everything computed for each."""

import statistics
import time
from collections.abc import Mapping
from typing import Any

import torch

from .rewards import Reward
from .super_network import SuperNetwork


@torch.no_grad()
def time_rewards(
    network: SuperNetwork, batch: Mapping[str, Any], reward: Reward, repetitions: int = 5
) -> dict[str, float]:
    """Seconds to score every arm on a batch, the middle of some repetitions.

    Args:
        network: in eval mode.
        batch: with pixels, or with features of a cache.
        reward: measures an arm.
        repetitions: after one that is not counted.

    Returns:
        ``shared``, ``naive`` and their ``ratio``.
    """
    arms = range(len(network.arms))

    def naive() -> None:
        for arm in arms:
            network.choose(arm)
            reward.measure(network.head, network.language_model, batch, network.context(batch))

    def shared() -> None:
        network.rewards(batch, arms, reward)

    taken: dict[str, list[float]] = {'shared': [], 'naive': []}
    for _ in range(repetitions + 1):
        # in turn, so that other work on the machine slows both
        for name, run in (('shared', shared), ('naive', naive)):
            started = time.perf_counter()
            run()  # ends by reading numbers from the device
            taken[name].append(time.perf_counter() - started)
    found = {name: statistics.median(seconds[1:]) for name, seconds in taken.items()}
    return {**found, 'ratio': found['naive'] / found['shared']}
