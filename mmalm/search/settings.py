"""What a config says of its placement search, under ``search``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Lt, MinLen

from ..errors import ConfigError

Arm = tuple[int, ...]
# differences between every two arms are kept; more arms than this would not be scored often enough either
MOST_ARMS = 1000
# arguments of every searcher that are not a config's to tell, and what is
GIVEN = {'arms': 'search.layers and search.places say what the arms are', 'seed': "the seed is the config's, or --seed"}


@dataclass(frozen=True)
class SearchSettings:
    """How a placement is searched.

    Attributes:
        searcher: config of the searcher; the gradient bandit with every arm scored on every batch unless told.
        layers: candidates; every layer unless told.
        places: how many prompts are to be placed; an arm is one choice of so many candidates.
        separate: every candidate has a connector of its own, by the connector's ``targets``. False: all arms train one connector.
        reward: 'score', how right the predictions are, in percent, as the config's metrics judge them; 'likelihood',
            ``100 exp(-loss)``, as in DVP's search on ScienceQA, for heads that generate.
        share: of the training media, whose samples are left out of training and give the rewards.
        batch_size: of a reward batch; that of training unless told.
        every: training steps from one reward batch to the next.
        epochs: over what is left of the training data.
        lr: learning rate, constant; the optimizer's own unless told.
        dropout: rewards are measured with dropout, as released, where every arm has a noise of its own.
    """

    searcher: Mapping | None = None
    layers: Annotated[Sequence[Annotated[int, Ge(0)]], MinLen(1)] | None = None
    places: Annotated[int, Ge(1)] = 1
    separate: bool = True
    reward: Literal['score', 'likelihood'] = 'score'
    share: Annotated[float, Gt(0), Lt(1)] = 0.1
    batch_size: Annotated[int, Ge(1)] | None = None
    every: Annotated[int, Ge(1)] = 1
    epochs: Annotated[int, Ge(1)] = 2
    lr: Annotated[float, Gt(0)] | None = None
    dropout: bool = False

    def candidates(self, num_layers: int) -> list[int]:
        """The candidate layers of a language model of this depth.

        Raises:
            ConfigError: a layer the model does not have, or one named twice.
        """
        layers = list(range(num_layers)) if self.layers is None else list(self.layers)
        beyond = [layer for layer in layers if not 0 <= layer < num_layers]
        if beyond:
            raise ConfigError(f'search.layers: {beyond}: the language model has layers 0 to {num_layers - 1}.')
        if len(set(layers)) < len(layers):
            raise ConfigError(f'search.layers: {layers} names a layer twice.')
        return sorted(layers)

    def arms(self, num_layers: int) -> list[Arm]:
        """The layers of every arm.

        Raises:
            ConfigError: see :meth:`candidates`; fewer than two arms, or too many.
        """
        layers = self.candidates(num_layers)
        count = comb(len(layers), self.places)
        if not 2 <= count <= MOST_ARMS:
            raise ConfigError(
                f'search: {len(layers)} candidate layers for {self.places} prompts make {count:,} arms; a search is among 2 to '
                f'{MOST_ARMS:,}. Change search.layers or search.places.'
            )
        if self.places > 1 and not self.separate:
            raise ConfigError('search: several places need a connector each: leave separate=True.')
        return list(combinations(layers, self.places))

    @property
    def searcher_config(self) -> dict[str, Any]:
        """The searcher's config, its default where none is told.

        Raises:
            ConfigError: it tells what the search gives, which would search among other arms than those that train.
        """
        found = dict(self.searcher or {'type': 'GradientBandit'})
        for name, instead in GIVEN.items():
            if name in found:
                raise ConfigError(
                    f'search.searcher.{name}={found[name]!r}: the search gives it. Leave it out; {instead}.'
                )
        return found


def arm_name(arm: Arm) -> str:
    """An arm for people: 'layer 4', 'layers 3+7'."""
    return f'layer{"s" if len(arm) > 1 else ""} {"+".join(map(str, arm))}'
