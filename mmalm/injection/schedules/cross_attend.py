"""Gated cross-attention into inner layers (Flamingo, arXiv 2204.14198; as a baseline in DePALM, arXiv 2403.13499)."""

from collections.abc import Sequence

from ...errors import ConfigError
from ...registry import SCHEDULES
from ..injection import Injection
from .base import Schedule


@SCHEDULES.register_module()
class CrossAttend(Schedule):
    """The text attends to source j, the connector's block j, right before layer ``start + j * every``, or ``layers[j]``.

    Args:
        start: the layer of the first block, from 0 on.
        every: layers from one block to the next.
        layers: instead of ``start``: the layer of each block.
    """

    def __init__(self, start: int | None = None, every: int = 1, layers: Sequence[int] | None = None):
        super().__init__()
        if (start is None) == (layers is None):
            raise ConfigError('CrossAttend takes either start=<layer> (and every=) or layers=[...], and not both.')
        if every < 1:
            raise ConfigError(f'every must be 1 or more, found {every}.')
        self.start, self.every, self.layers = start, every, layers

    def injections(self, num_layers: int, num_sources: int) -> list[Injection]:
        layers = self.layers
        if layers is None:
            layers = [self.start + block * self.every for block in range(num_sources)]
        if len(layers) != num_sources:
            raise ConfigError(
                f'CrossAttend names {len(layers)} layers, the connector has {num_sources} blocks: name as many.'
            )
        return [Injection(layer, block, 'attend') for block, layer in enumerate(layers)]
