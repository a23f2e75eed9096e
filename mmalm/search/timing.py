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
        batch: with pixels, or what else the encoder takes.
        reward: measures an arm.
        repetitions: after one that is not counted.

    Returns:
        ``naive``, media perceived and all layers run for each arm; ``shared``, see :meth:`~.super_network.SuperNetwork.rewards`;
        ``stored``, shared too, on features that a cache keeps.
    """
    arms = range(len(network.arms))
    features = network.perceive(batch).to_features(network.reads_of(network.modality))
    stored = {**batch, 'features': features}

    def naive() -> None:
        for arm in arms:
            network.choose(arm)
            reward.measure(network.head, network.language_model, batch, network.context(batch))

    ways = {
        'naive': naive,
        'shared': lambda: network.rewards(batch, arms, reward),
        'stored': lambda: network.rewards(stored, arms, reward),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repetitions + 1):
        # in turn, so that other work on the machine slows all alike
        for name, run in ways.items():
            started = time.perf_counter()
            run()  # ends by reading numbers from the device
            taken[name].append(time.perf_counter() - started)
    return {name: statistics.median(seconds[1:]) for name, seconds in taken.items()}
