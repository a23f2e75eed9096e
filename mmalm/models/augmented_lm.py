"""A frozen language model that perceives: encoder, connector, schedule, injector, head."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import torch
from torch import Tensor, nn

from ..encoders.perception import Perception
from ..errors import ConfigError
from ..faults import attempt, config_node
from ..injection import Injected, PerceptualTokens, QueriedTokens, StaticTokens
from ..lms import CausalLM
from ..lms.generation_options import check_options
from ..registry import CONNECTORS, ENCODERS, HEADS, LANGUAGE_MODELS, MODELS, SCHEDULES, TUNERS
from ..tuning.whitelist import Whitelisted


@MODELS.register_module()
class AugmentedLM(Whitelisted, nn.Module):
    """eP-ALM and its relatives: perceptual tokens injected into a frozen causal language model.

    Args:
        encoder: config of the frozen encoder.
        connector: config of the connector; gets ``widths`` (D of each level) and ``hidden_size`` (H).
        language_model: config of the frozen language model.
        schedule: config of the injection schedule.
        head: config of the head.
        soft_prompt: config of the soft prompt; ``None`` for none. Gets ``width`` (E).
        visibility: what a perceptual token sees: 'causal', or 'all' as in the released eP-ALM (labels leak through it).
        trainable: patterns of the parameter names that train; everything else is frozen. Connector and soft prompt unless told.
        expect_trainable: how many parameters train, as a number or a range such as '0.5%..1%'; a mismatch stops.
        live: patterns of frozen modules that stay in train mode all the same (the papers' live dropout).
    """

    nodes = {
        'encoder': ENCODERS,
        'connector': CONNECTORS,
        'language_model': LANGUAGE_MODELS,
        'schedule': SCHEDULES,
        'head': HEADS,
        'soft_prompt': TUNERS,
    }

    def __init__(
        self,
        encoder: Mapping,
        connector: Mapping,
        language_model: Mapping,
        schedule: Mapping,
        head: Mapping,
        soft_prompt: Mapping | None = None,
        visibility: Literal['causal', 'all'] = 'causal',
        trainable: Sequence[str] | None = None,
        expect_trainable: int | str | None = None,
        live: Sequence[str] = (),
    ):
        super().__init__()
        self.language_model = attempt(lambda: LANGUAGE_MODELS.build(language_model, key='language_model'))
        self.encoder = attempt(lambda: ENCODERS.build(encoder, key='encoder'))
        self.connector = attempt(
            lambda: CONNECTORS.build(
                connector,
                key='connector',
                widths=self.encoder.widths,
                hidden_size=self.language_model.hidden_size,
                layout=self.encoder.layout,
            )
        )
        self.soft_prompt = (
            None
            if soft_prompt is None
            else attempt(lambda: TUNERS.build(soft_prompt, key='soft_prompt', **prompt_sizes(self.language_model)))
        )
        self.schedule = attempt(lambda: SCHEDULES.build(schedule, key='schedule'))
        with config_node('schedule'):
            self.plan = attempt(lambda: self.schedule.plan(self.language_model.num_layers, self.connector.num_sources))
        self.injector = attempt(lambda: self.language_model.injector(self.plan, visibility))
        self.head = attempt(lambda: HEADS.build(head, key='head'))
        with config_node('head.generate'):
            attempt(lambda: check_options(getattr(self.head, 'generate', None) or {}, self.soft_prompt is not None))
        if trainable is None:
            trainable = ['connector.*'] + (['soft_prompt.*'] if self.soft_prompt is not None else [])
        # names and counts of parameters are known where all that has any is there
        attempt(
            lambda: self.set_trainable(trainable, expect=expect_trainable, live=live),
            *(self.language_model, self.encoder, self.connector, self.soft_prompt),
        )

    @property
    def preprocessing(self) -> Any:
        """How the encoder wants its pictures."""
        return self.encoder.preprocessing

    def base_models(self) -> dict[str, dict]:
        """The frozen models this one stands on: name, class and fingerprint of each."""
        return {'language_model': self.language_model.base_model(), 'encoder': self.encoder.base_model()}

    def perceive(self, batch: Mapping) -> Perception:
        """Perception of a batch: from the ``features`` of a cache where given, else from what the encoder takes, as ``pixels``."""
        device = next(self.language_model.parameters()).device
        if 'features' in batch:
            features = batch['features']
            moved = [f.to(device) for f in features] if isinstance(features, (list, tuple)) else features.to(device)
            return self._as_read(Perception.from_features(moved))
        return self.encoder(batch[self.encoder.takes].to(device))

    def _as_read(self, perception: Perception) -> Perception:
        if self.connector.reads == 'levels' and perception.levels is None:
            raise ConfigError(
                f'{type(self.connector).__name__} reads all tokens of a level, and these features hold summary tokens alone. '
                "Fill the feature cache with keep='levels', or leave keep out."
            )
        return perception

    def tokens(self, perception: Perception, span: Tensor) -> PerceptualTokens:
        """The perceptual tokens, ready or to be made at their layer.

        Args:
            perception: features of B samples.
            span: ``[B, Ls]`` bool, the text a text-conditioned connector may read.
        """
        if not self.connector.needs_query:
            tokens = self.connector(perception)
            connector, hidden_size = self.connector, self.language_model.hidden_size
            expected = (perception.batch_size, connector.num_sources, connector.tokens_per_source, hidden_size)
            if tuple(tokens.shape) != expected:
                raise ConfigError(
                    f'{type(connector).__name__} gave perceptual tokens of shape {list(tokens.shape)}; '
                    f'[B, S, T, H] = {list(expected)} is expected.'
                )
            return StaticTokens(tokens)

        def make(source: int, rows: Tensor, hidden: Tensor, real: Tensor) -> Tensor:
            # the language model may be held in another type than the connector trains in
            own = next((p.dtype for p in self.connector.parameters()), hidden.dtype)
            return self.connector.query(perception.select(rows), source, hidden.to(own), real)

        return QueriedTokens(make, span, self.connector.tokens_per_source)

    def context(self, batch: Mapping) -> 'InjectionContext':
        """What the head passes to the language model for this batch."""
        return InjectionContext(self, self.perceive(batch))

    def loss(self, batch: Mapping) -> dict[str, Tensor]:
        """The training loss of a batch: ``loss`` is minimised."""
        return self.head.loss(self.language_model, batch, self.context(batch))

    @torch.no_grad()
    def predict(self, batch: Mapping) -> list[dict]:
        """One dict a sample: its id, task, question and answer, and what the head predicts."""
        predictions = self.head.predict(self.language_model, batch, self.context(batch))
        asked = ('id', 'media', 'task', 'question', 'answer')
        return [
            {**{name: batch[name][i] for name in asked if name in batch}, **prediction}
            for i, prediction in enumerate(predictions)
        ]


def prompt_sizes(lm: CausalLM) -> dict[str, int]:
    """What a soft prompt may ask of the language model it stands in: E, H and its depth."""
    return {'width': lm.embedding_size, 'hidden_size': lm.hidden_size, 'num_layers': lm.num_layers}


class InjectionContext:
    """What ``lm.forward`` and ``lm.generate`` are to inject, for a span of text the connector may read."""

    def __init__(self, model: AugmentedLM, perception: Perception):
        self.model, self.perception = model, perception

    def __call__(self, span: Tensor) -> Injected:
        model = self.model
        prompt = None if model.soft_prompt is None else model.soft_prompt()
        return Injected(model.injector, model.tokens(self.perception, span), prompt)
