"""A searched model whose arms are known, on the stand-in data of the engine's tests."""

from pathlib import Path

import torch
from engine_standins import StandInModel, standin_loader

from mmalm.engine.facade import Facade
from mmalm.engine.runner import Runner
from mmalm.registry import SEARCHERS
from mmalm.search.history import History
from mmalm.search.hook import SearchHook

BEST = 2


class Identity:
    """A reward that is the mean that was measured."""

    def of_mean(self, value: float) -> float:
        return value


class StandInArms(StandInModel):
    """Four arms, of which one is the best; rewards depend on the batch and on what has trained."""

    def __init__(self, bad: tuple[int, ...] = ()):
        torch.manual_seed(0)
        super().__init__()
        self.arms = [(layer,) for layer in range(4)]
        self.bad, self.chosen, self.asked, self.modes = bad, [], 0, set()

    def choose(self, arm: int) -> None:
        self.chosen.append(arm)

    def rewards(self, batch, arms, reward):
        self.asked += 1
        self.modes.add(self.training)
        if self.asked in self.bad:
            return [(float('nan'), 1.0) for _ in arms]
        hard = float(batch['pixels'].sum())
        tilt = float(self.connector[0].weight.detach().sum()) / 100
        return [
            (50 + hard - 3 * abs(arm - BEST) + tilt * arm + 0.3 * ((7 * arm + self.asked) % 5), len(batch['id']))
            for arm in arms
        ]


def search_runner(folder: Path, network: StandInArms, epochs: int = 4, resume=None, seed: int = 3, **options):
    """A runner and its search hook; searcher, every, dropout and settings as options."""
    searcher = options.pop('searcher', {'type': 'GradientBandit'})
    built = SEARCHERS.build(searcher, arms=len(network.arms), seed=seed)
    settings = options.pop('settings', {'search': searcher})
    loader = standin_loader('val', batch_size=4)
    hook = SearchHook(network, built, loader, Identity(), History(folder), settings, **options)
    runner = Runner(
        network,
        folder,
        standin_loader(),
        {'max_epochs': epochs},
        {'optimizer': {'type': 'AdamW', 'lr': 0.1}},
        default_hooks={'progress': None, 'checkpoint': {'type': 'CheckpointHook', 'interval_steps': 1}},
        custom_hooks=[hook, *options.pop('hooks', ())],
        seed=seed,
        resume=resume,
    )
    assert isinstance(runner.model, Facade)
    return runner, hook


def weights(network: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in network.named_parameters()}
