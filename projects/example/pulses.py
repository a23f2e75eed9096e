"""A schedule that shows each source for a few layers and takes it out again."""

from mmalm.errors import ConfigError
from mmalm.injection import Injection
from mmalm.injection.schedules import Schedule
from mmalm.registry import SCHEDULES


@SCHEDULES.register_module()
class Pulses(Schedule):
    """Source i is inserted before layer ``start + i * every`` and removed ``stay`` layers later.

    Args:
        start: the first layer that sees a token, from 0 on.
        every: layers from one source to the next.
        stay: layers that see a source; as many as ``every`` unless told, so that one token is there at a time.
    """

    def __init__(self, start: int, every: int, stay: int | None = None):
        super().__init__()
        if start < 0 or every < 1 or (stay is not None and stay < 1):
            raise ConfigError(f'Pulses: start is 0 or more, every and stay 1 or more; found {start}, {every}, {stay}.')
        self.start, self.every, self.stay = start, every, stay or every

    def injections(self, num_layers: int, num_sources: int) -> list[Injection]:
        found = []
        for source in range(num_sources):
            enters = self.start + source * self.every
            found.append(Injection(enters, source, 'insert', slot=source))
            if enters + self.stay < num_layers:  # past the last layer there is nothing to take it out of
                found.append(Injection(enters + self.stay, op='remove', slot=source))
        return found
