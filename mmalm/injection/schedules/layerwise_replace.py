"""The layer-wise schedule of eP-ALM: insert once, then overwrite with deeper encoder levels (arXiv 2303.11403)."""

from ...errors import ConfigError
from ...registry import SCHEDULES
from ..injection import Injection
from .base import Schedule


@SCHEDULES.register_module()
class LayerwiseReplace(Schedule):
    """Insert source 0 at ``start``, then replace the token before every layer up to ``end``, shallow sources first.

    Layer l in [start, end) takes source min((l - start) // step, S - 1), where step = (end - start) // S if there are more
    layers than sources, else 1. Only layers with l % text_step == 0 are touched; at the others the token stays as it has become.

    Args:
        start: first layer, counted from 0.
        end: one past the last layer; the depth of the language model unless told.
        text_step: inject only at layers divisible by it.
        select_higher_step: use max(step, text_step) as ``text_step``, so that each source is injected once.
        remove_at_end: take the token out at layer ``end`` instead of letting it run on to the last layer.
        allow_unused_sources: accept that some sources are never injected.
    """

    def __init__(
        self,
        start: int,
        end: int | None = None,
        text_step: int = 1,
        select_higher_step: bool = False,
        remove_at_end: bool = False,
        allow_unused_sources: bool = False,
    ):
        super().__init__(allow_unused_sources)
        if text_step < 1:
            raise ConfigError(f'text_step must be 1 or more, found {text_step}.')
        self.start, self.end, self.text_step = start, end, text_step
        self.select_higher_step, self.remove_at_end = select_higher_step, remove_at_end

    def injections(self, num_layers: int, num_sources: int) -> list[Injection]:
        end = num_layers if self.end is None else self.end
        if not 0 <= self.start < end <= num_layers:
            raise ConfigError(
                f'LayerwiseReplace(start={self.start}, end={self.end}) does not fit a language model of {num_layers} layers: '
                f'0 <= start < end <= {num_layers} is needed.'
            )
        count = end - self.start
        step = count // num_sources if count > num_sources > 1 else 1
        text_step = max(step, self.text_step) if self.select_higher_step else self.text_step
        layers = [layer for layer in range(self.start, end) if layer % text_step == 0]
        found = [
            Injection(layer, min((layer - self.start) // step, num_sources - 1), 'replace' if i else 'insert')
            for i, layer in enumerate(layers)
        ]
        if self.remove_at_end and found:
            if end == num_layers:
                raise ConfigError('remove_at_end=True with end at the last layer would never happen; lower end.')
            found.append(Injection(end, op='remove'))
        return found
