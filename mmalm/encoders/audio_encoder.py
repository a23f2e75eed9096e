"""What encoders of sound share: their input, and levels read from an unmodified transformers model's layers."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from .. import zoo
from ..errors import ConfigError
from ..hub import hub_access
from .attention_route import AttentionRoute
from .audio_preprocessing import AudioPreprocessing
from .base import Encoder
from .transformers_loading import build, load, read_config


class AudioEncoder(Encoder):
    """A frozen encoder of spectrograms ``[B, t, mel]``. Subclasses set ``self.preprocessing`` and supply ``read``."""

    modality = 'audio'
    preprocessing: AudioPreprocessing
    # the kind of transformers model, the main input of its class, and an example of one for the error
    kind: str
    main_input: str
    example: str

    def __init__(
        self,
        model: str | None,
        levels: int,
        pooling: str,
        pretrained: bool,
        attention: str,
        config: Mapping[str, Any] | None,
    ) -> None:
        owner = type(self).__name__
        name = model or f'config:{self.kind}'
        super().__init__(name, levels, pooling, attention)
        if not model and not config:
            raise ConfigError(
                f"{owner} needs model='{self.example}' or another, or config=dict(...) for random weights."
            )
        if model and config and pretrained:
            raise ConfigError(
                f'{name}: config=dict({", ".join(config)}) changes the architecture, so set pretrained=False.'
            )
        self.pretrained = pretrained and model is not None and torch.get_default_device().type != 'meta'
        stated = dict(config or {}) if model else {'model_type': self.kind, **(config or {})}
        self.facts = read_config(model, stated, self.pretrained)
        if self.facts.model_type != self.kind:
            raise ConfigError(f'{name} is of type {self.facts.model_type!r}; {owner} takes {self.kind!r}.')
        if self.pretrained:
            self.model, self.unloaded = load(model, self.facts, self.main_input)
        else:
            self.model, self.unloaded = build(self.facts, name, self.main_input), frozenset()
        self._route = AttentionRoute(self.model, attention, name)

    def blank(self, rows: int, device: torch.device | str) -> Tensor:
        """An empty input: ``[rows, t, mel]``."""
        return torch.zeros(rows, *self.preprocessing.shape, device=device)

    def stated_features(self, model: str | None) -> dict[str, Any]:
        """What the feature extractor's file that comes with the model says; empty where there is none."""
        if not self.pretrained:
            return {}
        from transformers import AutoFeatureExtractor

        name = zoo.resolve(model)
        with hub_access(name):
            try:
                return AutoFeatureExtractor.from_pretrained(name).to_dict()
            except (OSError, ValueError):  # absent, or of a kind transformers does not know
                return {}

    def refuse_other_shapes(self, spectrogram: Tensor) -> None:
        """Raise a ConfigError for a spectrogram that is not as the preprocessing says."""
        if tuple(spectrogram.shape[1:]) != self.preprocessing.shape:
            expected = ', '.join(map(str, self.preprocessing.shape))
            raise ConfigError(f'{self.name} takes spectrograms [B, {expected}], found {list(spectrogram.shape)}.')

    @contextlib.contextmanager
    def watched(self, layers: nn.ModuleList) -> Iterator[list[Tensor]]:
        """What each of the layers gives while the model runs, before the final norm, which transformers puts on some of them."""
        outputs: list[Tensor] = []

        def keep(module: nn.Module, args: tuple, output: Any) -> None:
            outputs.append(output[0] if isinstance(output, tuple) else output)

        handles = [layer.register_forward_hook(keep) for layer in layers]
        try:
            yield outputs
        finally:
            for handle in handles:
                handle.remove()
