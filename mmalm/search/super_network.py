"""All placements in one model: what is shared trains under every arm, and each candidate layer has its own connector.

Legend: B batch, k arms.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from mmengine.config import Config
from torch import Tensor

from ..errors import ConfigError
from ..injection import Injected, SharedPrefix
from ..injection.schedules import ExplicitSchedule
from ..models import AugmentedLM
from ..registry import CONNECTORS, signature_of
from .rewards import Reward
from .settings import Arm, SearchSettings

Context = Callable[[Tensor], Injected]
PLACED = 'SingleLayer'


class SuperNetwork(AugmentedLM):
    """A model that stands under one of k arms at a time; made of a built one by :meth:`of`, whose parts it shares.

    Attributes:
        arms: the layers of each arm.
        injectors: of each arm.
    """

    arms: list[Arm]
    injectors: list[Any]

    @classmethod
    def of(cls, model: AugmentedLM, arms: Sequence[Arm], separate: bool, visibility: str = 'causal') -> 'SuperNetwork':
        """The arms of a built model.

        Args:
            model: with one source for each candidate layer, in their order, or with one connector for all.
            arms: the layers of each.
            separate: which of the two.
            visibility: of perceptual tokens.
        """
        network = cls.around(model, model.language_model, model.head)
        network.arms = list(arms)
        lm, sources = model.language_model, model.connector.num_sources
        network.injectors = [
            lm.injector(
                ExplicitSchedule(injections_of(arm, arms, sources, separate), allow_unused_sources=True).plan(
                    lm.num_layers, sources
                ),
                visibility,
            )
            for arm in arms
        ]
        network.choose(0)
        return network

    def choose(self, arm: int) -> None:
        """Stand under an arm: losses and predictions are its own."""
        self.injector = self.injectors[arm]
        self.plan = self.injector.plan

    @torch.no_grad()
    def rewards(self, batch: Mapping, arms: Sequence[int], reward: Reward) -> list[tuple[float, float]]:
        """What a reward measures of each arm on one batch, and what that is a mean over.

        Media are perceived once. Layers below an arm's first one are run once for all arms, since they are the same under each.

        Args:
            batch: B samples.
            arms: their numbers.
            reward: measures an arm.
        """
        perceived, prefix = self.context(batch), SharedPrefix()

        def under(arm: int) -> Context:
            return lambda span: replace(perceived(span), injector=self.injectors[arm], prefix=prefix)

        return [reward.measure(self.head, self.language_model, batch, under(arm)) for arm in arms]


def injections_of(arm: Arm, arms: Sequence[Arm], sources: int, separate: bool) -> list[tuple[int, int, str, int]]:
    """What an arm injects, as :class:`~mmalm.injection.injection.Injection` takes it."""
    if not separate:
        return [(layer, source, 'insert', source) for layer in arm for source in range(sources)]
    candidates = sorted({layer for other in arms for layer in other})
    return [(layer, candidates.index(layer), 'insert', slot) for slot, layer in enumerate(arm)]


def super_config(config: Config, settings: SearchSettings, arms: Sequence[Arm]) -> Config:
    """The config of the super-network and of its training.

    Args:
        config: of the model that is to be placed.
        settings: of the search.
        arms: the layers of each.

    Raises:
        ConfigError: a model, a schedule or a connector that cannot be placed.
    """
    wide = copy.deepcopy(config)
    model = wide.model
    check_placeable(model)
    if config.get('load_from'):
        raise ConfigError(
            'load_from: a search trains all placements from the start, and no checkpoint has them. Set it to None.'
        )
    model.pop('expect_trainable', None)
    candidates = sorted({layer for arm in arms for layer in arm})
    if settings.separate:
        if 'targets' not in signature_of(CONNECTORS.component(model.connector['type'])).parameters:
            raise ConfigError(
                f'search: {model.connector["type"]} has no targets=, so that every candidate layer could have a connector of its '
                'own. Set search.separate=False: then one connector trains under all placements.'
            )
        model.connector['targets'] = len(candidates)
        model.schedule = {
            'type': 'ExplicitSchedule',
            'injections': [(candidates[0], 0)],
            'allow_unused_sources': True,
        }
    else:
        model.schedule = {'type': PLACED, 'layer': candidates[0]}
    if settings.lr is not None:
        wide.optim_wrapper.optimizer.lr = settings.lr
    wide.train_cfg = {'max_epochs': settings.epochs}
    hooks = dict(wide.get('default_hooks') or {})
    saving = dict(hooks.get('checkpoint') or {'type': 'CheckpointHook'})
    wide.default_hooks = {**hooks, 'progress': None, 'checkpoint': {**saving, 'best': None}}
    wide.custom_hooks = []
    for key in ('param_scheduler', 'val_dataloader', 'placement'):
        wide[key] = None
    return wide


def check_placeable(model: Mapping[str, Any]) -> None:
    """Raise a ConfigError for a model without the one layer that a placement is about."""
    schedule = model.get('schedule') or {}
    if model.get('type') != 'AugmentedLM' or schedule.get('type') != PLACED or schedule.get('remove_at') is not None:
        raise ConfigError(
            "a placement is that of an AugmentedLM's schedule=dict(type='SingleLayer', layer=...) whose tokens stay to the end; "
            f'found {model.get("type")} with schedule={dict(schedule)}.'
        )
