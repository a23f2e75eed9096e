"""All perceptual tokens enter at one layer: at an inner one (DVP), or before the first (input prefix, as in LiMBeR and Frozen)."""

from ...registry import SCHEDULES
from ..injection import Injection
from .base import Schedule


@SCHEDULES.register_module()
class SingleLayer(Schedule):
    """Insert every source before one layer.

    Args:
        layer: the first layer that sees the tokens, from 0 on.
        remove_at: the first layer that no longer sees them; they stay to the end unless told.
    """

    def __init__(self, layer: int, remove_at: int | None = None):
        super().__init__()
        self.layer, self.remove_at = layer, remove_at

    def injections(self, num_layers: int, num_sources: int) -> list[Injection]:
        found = [Injection(self.layer, source, 'insert', slot=source) for source in range(num_sources)]
        if self.remove_at is not None:
            found += [Injection(self.remove_at, op='remove', slot=slot) for slot in range(num_sources)]
        return found


@SCHEDULES.register_module()
class InputPrefix(SingleLayer):
    """Insert every source in front of the text, before layer 0."""

    def __init__(self, remove_at: int | None = None):
        super().__init__(layer=0, remove_at=remove_at)
