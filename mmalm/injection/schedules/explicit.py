"""A schedule written out by hand."""

from collections.abc import Mapping, Sequence

from ...errors import ConfigError
from ...registry import SCHEDULES
from ..injection import Injection
from .base import Schedule


@SCHEDULES.register_module()
class ExplicitSchedule(Schedule):
    """Exactly the injections listed.

    Args:
        injections: dicts of ``layer``, ``source``, ``op``, ``slot`` (see :class:`Injection`), or tuples in that order,
            as in ``[(3, 0), (5, 1, 'replace'), (7, 0, 'remove')]``.
        allow_unused_sources: accept that some sources are never injected.
    """

    def __init__(self, injections: Sequence[Mapping | Sequence], allow_unused_sources: bool = False):
        super().__init__(allow_unused_sources)
        self._injections = [self._read(entry) for entry in injections]

    @staticmethod
    def _read(entry: Mapping | Sequence | Injection) -> Injection:
        if isinstance(entry, Injection):
            return entry
        try:
            return Injection(**entry) if isinstance(entry, Mapping) else Injection(*entry)
        except TypeError as error:
            raise ConfigError(
                f'cannot read {entry!r} as an injection: expected layer, source, op, slot, as in (3, 0, "insert").'
            ) from error

    def injections(self, num_layers: int, num_sources: int) -> list[Injection]:
        return list(self._injections)
