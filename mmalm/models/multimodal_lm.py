"""One frozen language model that perceives several modalities, each by an adaptation of its own."""

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ..encoders.base import Encoder
from ..encoders.modalities import MODALITIES, by_modality
from ..errors import ConfigError, closest
from ..faults import Missing, attempt, config_node
from ..registry import HEADS, LANGUAGE_MODELS, MODELS, Bound, ByName
from ..tuning.whitelist import Whitelisted
from .adaptation import Adaptation
from .augmented_lm import AugmentedLM, build_head

# arguments of an adaptation that it is given, and that no config names
GIVEN = ('language_model', 'name')


@MODELS.register_module()
class MultimodalLM(Whitelisted, nn.Module):
    """A language model and, for each modality, what an :class:`AugmentedLM` has around it; a batch says which is switched on.

    A batch may mix modalities. Each one's samples pass under its own adaptation alone, as through an AugmentedLM of the same
    weights; the loss is the mean over all samples together.

    Args:
        language_model: config of the frozen language model.
        head: config of the head, the same for all.
        adaptations: by modality ('image', 'video', 'audio'): encoder, connector, schedule, soft_prompt, visibility, adapters, lora.
        trainable: patterns of the parameter names that train, as ``'adaptations.image.connector.*'``; everything else is frozen.
            All of every adaptation but its encoder unless told.
        expect_trainable: how many parameters train; see :class:`AugmentedLM`.
        live: patterns of frozen modules that stay in train mode all the same.
    """

    nodes = {
        'language_model': LANGUAGE_MODELS,
        'adaptations': ByName(Bound(Adaptation, given=GIVEN), MODALITIES),
        'head': HEADS,
    }

    def __init__(
        self,
        language_model: Mapping,
        head: Mapping,
        adaptations: Mapping[str, Mapping],
        trainable: Sequence[str] | None = None,
        expect_trainable: int | str | None = None,
        live: Sequence[str] = (),
    ):
        super().__init__()
        self.language_model = attempt(lambda: LANGUAGE_MODELS.build(language_model, key='language_model'))
        self.adaptations = nn.ModuleDict()
        sound = [attempt(lambda: _refuse_none(adaptations))]
        for name, config in adaptations.items():
            with config_node(f'adaptations.{name}'):
                adaptation = attempt(lambda name=name, config=config: self._adaptation(name, config))
            sound.append(adaptation)
            if not isinstance(adaptation, Missing):
                self.adaptations[name] = adaptation
                sound += [adaptation.encoder, adaptation.connector, adaptation.soft_prompt, adaptation.adapters]
                sound.append(adaptation.lora)
        self.head = build_head(head, self.language_model)
        attempt(
            lambda: self.set_trainable(
                self.trains() if trainable is None else trainable,
                expect=expect_trainable,
                live=[*live, *(pattern for part in self.adaptations.values() for pattern in part.live)],
            ),
            *(self.language_model, *sound),
        )

    def trains(self) -> list[str]:
        """Patterns of the parameters that train unless told: all that is no encoder's."""
        parts = self.adaptations.items()
        own = [f'adaptations.{name}.{one}' for name, part in parts for one in part.trains()]
        return own + [one for _, part in parts for one in part.updates]

    def base_models(self) -> dict[str, dict]:
        """The frozen models this one stands on: name, class and fingerprint of each."""
        encoders = {f'adaptations.{name}.encoder': part.encoder.base_model() for name, part in self.adaptations.items()}
        return {'language_model': self.language_model.base_model(), **encoders}

    def adaptation_of(self, modality: str | None) -> Adaptation:
        """The adaptation of a modality.

        Raises:
            ConfigError: there is none, or the modality is not known and there are several.
        """
        known = list(self.adaptations)
        if modality is None and len(known) == 1:
            return self.adaptations[known[0]]
        if modality is None:
            raise ConfigError(
                f'Features alone do not tell of which modality they are: give every sample a "modality", one of {", ".join(known)}.'
            )
        if modality not in known:
            raise ConfigError(
                f'The model has no adaptation to {modality!r}. {closest(modality, known)} It has: {", ".join(known)}.'.replace(
                    '  ', ' '
                )
            )
        return self.adaptations[modality]

    def alone(self, modality: str) -> AugmentedLM:
        """The model of one modality, of the same parts."""
        return AugmentedLM.around(self.adaptation_of(modality), self.language_model, self.head)

    def encoder_of(self, modality: str) -> Encoder:
        """The encoder of a modality."""
        return self.adaptation_of(modality).encoder

    def preprocessing_of(self, modality: str) -> Any:
        """How the encoder of a modality wants its input."""
        return self.adaptation_of(modality).preprocessing

    def reads_of(self, modality: str) -> str:
        """What the connector of a modality reads: 'cls' or 'levels'."""
        return self.adaptation_of(modality).reads_of(modality)

    def loss(self, batch: Mapping) -> dict[str, Tensor]:
        """The training loss: ``loss`` is the mean over the whole batch, ``weight`` what it was taken over."""
        found = []
        for modality, _, part in by_modality(batch):
            adaptation = self.adaptation_of(modality)
            found.append(self.head.loss(self.language_model, part, adaptation.context(part)))
        if len(found) == 1:
            return found[0]
        total = sum(one['weight'] for one in found)
        shares = [one['weight'] / total.clamp(min=1) for one in found]
        names = [name for name in found[0] if name != 'weight']
        means = {name: sum(s * one[name] for s, one in zip(shares, found, strict=True)) for name in names}
        return {**means, 'weight': total}

    @torch.no_grad()
    def predict(self, batch: Mapping) -> list[dict]:
        """One dict a sample, in the batch's order: its id, modality, task, question and answer, and what the head predicts."""
        predictions: list[dict] = [{}] * len(batch['question'])
        for modality, rows, part in by_modality(batch):
            found = self.adaptation_of(modality).answered(self.head, self.language_model, part)
            for row, prediction in zip(rows, found, strict=True):
                predictions[row] = prediction
        return predictions

    def _adaptation(self, name: str, config: Mapping) -> Adaptation:
        if name not in MODALITIES:
            raise ConfigError(
                f'there is no modality {name!r}. {closest(name, MODALITIES)} Known: {", ".join(MODALITIES)}.'
            )
        try:
            inspect.signature(Adaptation).bind(self.language_model, **config, name=name)
        except TypeError as error:
            raise ConfigError(f'{error}. An adaptation takes {", ".join(_arguments())}.') from error
        adaptation = Adaptation(self.language_model, **config, name=name)
        if not isinstance(adaptation.encoder, Missing) and adaptation.modality != name:
            raise ConfigError(
                f'its encoder {adaptation.encoder.name} perceives {adaptation.modality}: name the adaptation so, or choose an '
                f'encoder of {name}.'
            )
        return adaptation


def _arguments() -> list[str]:
    return [name for name in inspect.signature(Adaptation).parameters if name not in GIVEN]


def _refuse_none(adaptations: Any) -> None:
    if not isinstance(adaptations, Mapping) or not adaptations:
        raise ConfigError(
            f'adaptations must be a dict such as dict(image=dict(encoder=..., ...)), found {adaptations!r}.'
        )
