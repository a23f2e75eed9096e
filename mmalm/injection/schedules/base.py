"""What a schedule is."""

from abc import ABC, abstractmethod

from ..injection import Injection, InjectionPlan, make_plan


class Schedule(ABC):
    """A pure rule from (depth of the language model, sources of the connector) to injections.

    Args:
        allow_unused_sources: accept that some sources are never injected, as the released eP-ALM does silently.
    """

    def __init__(self, allow_unused_sources: bool = False):
        self.allow_unused_sources = allow_unused_sources

    @abstractmethod
    def injections(self, num_layers: int, num_sources: int) -> list[Injection]:
        """The injections for a language model of ``num_layers`` layers and a connector of ``num_sources`` sources."""

    def plan(self, num_layers: int, num_sources: int, attends: bool = False) -> InjectionPlan:
        """The checked injections; raises ConfigError where one could never happen.

        Args:
            num_layers: depth of the language model.
            num_sources: S.
            attends: the text attends to the connector's sources; else they give tokens.
        """
        injections = self.injections(num_layers, num_sources)
        attended = range(num_sources) if attends else ()
        return make_plan(injections, num_layers, num_sources, self.allow_unused_sources, attended)
